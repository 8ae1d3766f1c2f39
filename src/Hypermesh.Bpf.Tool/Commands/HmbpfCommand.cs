using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary>The root command.</summary>
internal static class HmbpfCommand
{
    /// <summary>The time that a command has to end after Ctrl-C or SIGTERM: detaching the programs of all monitors takes the kernel a moment.</summary>
    private static readonly TimeSpan s_termination = TimeSpan.FromSeconds(10);

    private const string Name = "hmbpf";

    // In the order of the help.
    private static readonly (string Name, Func<Command> Create)[] s_commands =
    [
        ("doctor", DoctorCommand.Create),
        ("top", TopCommand.Create),
        ("run", RunCommand.Create),
        ("count", OneLineCommands.Count),
        ("sum", OneLineCommands.Sum),
        ("hist", OneLineCommands.Hist),
        ("lhist", OneLineCommands.LinearHist),
        ("latency", OneLineCommands.Latency),
        ("trace", OneLineCommands.Trace),
        ("hooks", HooksCommand.Create),
        ("profile", ProfileCommand.Create),
        ("serve", ServeCommand.Create),
        ("record", RecordCommands.CreateRecord),
        ("replay", RecordCommands.CreateReplay),
        ("cost", CostCommand.Create),
        ("preflight", PreflightCommand.Create),
        ("inspect", InspectCommand.Create),
        ("verify", VerifyCommand.Create),
        ("relocate", RelocateCommand.Create),
        ("load", LoadCommand.Create),
        ("generate", GenerateCommands.Create),
        ("btf", BtfCommands.Create),
        ("prog", ProgramCommands.Create),
        ("map", MapCommands.Create),
        ("link", LinkCommands.Create),
        ("pin", PinCommands.Create),
        ("disasm", DisassembleCommand.Create),
    ];

    internal static int Run(string[] arguments)
    {
        if (arguments is ["--version"])
        {
            Terminal terminal = Terminal.Open(json: false);
            terminal.Line(typeof(HmbpfCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
            return terminal.Flush();
        }

        ParseResult parsed = Parse(BpftoolWords.Without(arguments));
        if (parsed.Action is ParseErrorAction)
        {
            string command = CommonOptions.CommandLine(parsed.CommandResult.Command);
            Console.Error.WriteLine($"hmbpf: {Terminal.OneLine(Misspelt.Explain(parsed) ?? parsed.Errors[0].Message)} See '{command} --help'.");
            return ExitCode.Usage;
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_termination });
    }

    // A command line that begins with a command needs no other one, and no help: to create all takes longer than most commands run. What is wrong with a line is explained with all of them.
    private static ParseResult Parse(string[] words)
    {
        if (words is [{ } first, ..] && Array.Find(s_commands, command => command.Name == first).Create is { } create && !Array.Exists(words, static word => word is "--help" or "-h" or "/h" or "-?" or "/?"))
        {
            ParseResult parsed = new Command(Name) { CommonOptions.Json, create() }.Parse(words);
            if (parsed.Action is not ParseErrorAction)
            {
                return parsed;
            }
        }

        return Create().Parse(words);
    }

    /// <summary>Creates all commands.</summary>
    internal static RootCommand Create()
    {
        var root = new RootCommand("Shows what the monitors of Hypermesh see on a machine; inspects a machine, compiled eBPF objects, and what the kernel has loaded; links objects.")
        {
            CommonOptions.Json,
        };
        foreach ((_, Func<Command> create) in s_commands)
        {
            root.Add(create());
        }

        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }
}
