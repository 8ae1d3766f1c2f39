using System.CommandLine;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Running;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf run</c>: a C file, an object or a template, compiled, loaded and attached while the command runs.</summary>
internal static class RunCommand
{
    internal static Command Create()
    {
        var what = new Argument<string?>("FILE") { HelpName = "FILE", Description = "A C file (.c), a compiled object, or the name of a template.", Arity = ArgumentArity.ZeroOrOne };
        what.Validators.Add(CommonOptions.RefuseMistakes);
        what.CompletionSources.Add([.. BpfTemplate.All.Select(static template => template.Name)]);
        var set = new Option<string[]>("--set") { Description = "Set a parameter, a const volatile global variable of the C, before the load. Can be repeated.", HelpName = "NAME=VALUE" };
        set.Validators.Add(static result =>
        {
            if (result.Tokens.FirstOrDefault(static token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1) is { } token)
            {
                result.AddError($"--set takes NAME=VALUE, not '{token.Value}'.");
            }
        });
        var attach = new Option<string[]>("--attach") { Description = "Load and attach only this program, to the target of its section or to this one: a DEVICE, FUNCTION, FILE:FUNCTION, FOLDER or rate by the kind of program; all whose section names their target unless given. Can be repeated.", HelpName = "PROGRAM[=TARGET]" };
        Option<int?> seconds = MonitorArguments.Seconds("End after this time, instead of with Ctrl-C.");
        var trusted = new Option<bool>("--trusted") { Description = "Compile without the sandbox: the C may read all files that this user may read." };
        var list = new Option<bool>("--list") { Description = "List the templates, or the parameters of FILE, and end." };
        var reload = new Option<bool>("--reload") { Description = "Replace the running version each time the file has changed: maps that are equal keep their content, and no event is lost; programs that cannot be exchanged at once may count some twice. If a version does not compile or the kernel rejects it, the errors are reported and the previous version continues." };
        Option<string?> pin = PinCommands.Option();
        Option<bool> log = CommonOptions.Log();
        return new ToolCommand("run", "Compiles, loads and attaches a BPF program, prints its events as they come, and its maps and global variables at the end, all by their types. "
            + "C is compiled in a sandbox by the machine's clang, and kept in a cache; objects and templates need no clang. Nothing stays attached, unless a folder is given for it. Requires CAP_BPF and what the programs' types require (CAP_PERFMON for tracing).")
        {
            what, set, attach, seconds, reload, pin, trusted, list, log,
        }
            .Example("sudo hmbpf run runqlat --seconds 10", "a template: how long tasks waited for a CPU")
            .Example("sudo hmbpf run opensnoop --set failed=true", "with a parameter: files that could not be opened, until Ctrl-C")
            .Example("sudo hmbpf run count.bpf.c --seconds 5 --json", "a C file, as JSON: an object a line")
            .Example("sudo hmbpf run drop.bpf.c --attach drop=eth0", "a program whose section names no target")
            .Example("sudo hmbpf run count.bpf.c --reload", "the same, replaced without losing an event each time the file is saved")
            .Example("sudo hmbpf run count.bpf.c --pin /sys/fs/bpf/count", "the same, and it goes on when the command ends; the next one with this folder continues it")
            .Example("hmbpf run --list", "the templates with their parameters")
            .Does((arguments, terminal, stop) =>
            {
                if (arguments.GetValue(what) is not { } name)
                {
                    return arguments.GetValue(list) ? RunList.Templates(terminal) : Usage(terminal);
                }

                RunReload.FileState state = RunReload.FileState.Of(name);
                if (Read() is not { } spec)
                {
                    return ExitCode.Failure;
                }

                if (arguments.GetValue(list))
                {
                    return RunList.Parameters(terminal, spec);
                }

                if (arguments.GetValue(reload) && !File.Exists(name))
                {
                    terminal.Complain($"--reload needs a file, and '{name}' is a template: write it to a file first.");
                    return ExitCode.Usage;
                }

                AttachChoice[] only = [.. (arguments.GetValue(attach) ?? []).Select(AttachChoice.Read)];
                return RunSession.Run(spec, only, new RunView(), arguments.GetValue(seconds), arguments.GetValue(log), arguments.GetValue(reload) ? new RunReload(name, state, only, Read) : null, PinCommands.Folder(arguments.GetValue(pin)), terminal, stop);

                BpfObjectSpec? Read()
                {
                    BpfObjectSpec? spec = Open(name, arguments.GetValue(trusted), terminal, stop);
                    if (spec is not null)
                    {
                        BpfParameter.Set(spec, Pairs(arguments.GetValue(set) ?? []));
                    }

                    return spec;
                }
            });
    }

    // All errors of the C are reported in clang's order; the exception's own message is the first of them.
    private static BpfObjectSpec? Open(string name, bool isTrusted, Terminal terminal, CancellationToken stop)
    {
        try
        {
            return RunSource.Open(name, isTrusted, terminal, stop);
        }
        catch (BpfCompilationException failure) when (failure.Limit == BpfCompilationLimit.None && failure.Diagnostics.Any(static one => one.IsError))
        {
            RunSource.Report(failure.Diagnostics, terminal);
            return null;
        }
    }

    private static int Usage(Terminal terminal)
    {
        terminal.Complain($"run needs a C file, an object, or the name of a template: {string.Join(", ", BpfTemplate.All.Select(static template => template.Name))}. See 'hmbpf run --help'.");
        return ExitCode.Usage;
    }

    // The last of several values for one name counts.
    private static IEnumerable<KeyValuePair<string, string>> Pairs(string[] words)
        => words.Select(static word => word.Split('=', 2)).GroupBy(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal).Select(static one => KeyValuePair.Create(one.Key, one.Last()));
}
