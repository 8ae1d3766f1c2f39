using System.CommandLine;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary>A command with examples in its help, that writes to a <see cref="Terminal"/>.</summary>
internal sealed class ToolCommand(string name, string description) : Command(name, description)
{
    internal delegate int Body(ParseResult arguments, Terminal terminal, CancellationToken stop);

    internal delegate int BriefBody(ParseResult arguments, Terminal terminal);

    /// <summary>Command lines with what they do, for the help.</summary>
    internal List<(string CommandLine, string What)> Examples { get; } = [];

    internal ToolCommand Example(string commandLine, string what)
    {
        Examples.Add((commandLine, what));
        return this;
    }

    /// <summary>Sets the function of the command. It runs beside the thread that waits for Ctrl-C.</summary>
    internal ToolCommand Does(Body body)
    {
        SetAction((arguments, stop) => Task.Run(() => Run(arguments, body, stop), CancellationToken.None));
        return this;
    }

    /// <summary>Sets the function of a command that takes a moment and leaves nothing behind, wherever it is ended: no thread waits for Ctrl-C, which ends the process.</summary>
    internal ToolCommand Does(BriefBody body)
    {
        SetAction(arguments => Run(arguments, (_, terminal, _) => body(arguments, terminal), CancellationToken.None));
        return this;
    }

    private static int Run(ParseResult arguments, Body body, CancellationToken stop)
    {
        Terminal terminal = Terminal.Open(arguments.GetValue(CommonOptions.Json));
        int result = Try(terminal, () => body(arguments, terminal, stop), stop);

        // Buffered output fails only here when the disk is full.
        return Math.Max(result, Try(terminal, terminal.Flush, stop));
    }

    private static int Try(Terminal terminal, Func<int> attempt, CancellationToken stop)
    {
        try
        {
            return attempt();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception reason) when (reason is BpfException or IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            terminal.Complain(reason.Message);
            return ExitCode.Failure;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // The runtime would print it without escaping the names in it.
            terminal.Complain($"internal error of hmbpf: {fault}");
            return ExitCode.Failure;
        }
    }
}
