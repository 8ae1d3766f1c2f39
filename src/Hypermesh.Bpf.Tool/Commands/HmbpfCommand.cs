using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary>The root command.</summary>
internal static class HmbpfCommand
{
    /// <summary>The time that a command has to end after Ctrl-C or SIGTERM: detaching the programs of all monitors takes the kernel a moment.</summary>
    private static readonly TimeSpan s_termination = TimeSpan.FromSeconds(10);

    internal static async Task<int> RunAsync(string[] arguments)
    {
        RootCommand root = Create();
        ParseResult parsed = root.Parse(BpftoolWords.Without(arguments));
        if (parsed.Action is ParseErrorAction)
        {
            string command = CommonOptions.CommandLine(parsed.CommandResult.Command);
            await Console.Error.WriteLineAsync($"hmbpf: {Terminal.OneLine(Misspelt.Explain(parsed) ?? parsed.Errors[0].Message)} See '{command} --help'.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_termination }).ConfigureAwait(false);
    }

    internal static RootCommand Create()
    {
        var root = new RootCommand("Shows what the monitors of Hypermesh see on a machine; inspects a machine, compiled eBPF objects, and what the kernel has loaded; links objects.")
        {
            CommonOptions.Json,
        };
        Command[] commands =
        [
            DoctorCommand.Create(),
            TopCommand.Create(),
            RunCommand.Create(),
            .. OneLineCommands.Create(),
            HooksCommand.Create(),
            ProfileCommand.Create(),
            ServeCommand.Create(),
            RecordCommands.CreateRecord(),
            RecordCommands.CreateReplay(),
            CostCommand.Create(),
            PreflightCommand.Create(),
            InspectCommand.Create(),
            VerifyCommand.Create(),
            RelocateCommand.Create(),
            LoadCommand.Create(),
            GenerateCommands.Create(),
            BtfCommands.Create(),
            ProgramCommands.Create(),
            MapCommands.Create(),
            LinkCommands.Create(),
            PinCommands.Create(),
            DisassembleCommand.Create(),
        ];
        foreach (Command command in commands)
        {
            root.Add(command);
        }

        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }
}
