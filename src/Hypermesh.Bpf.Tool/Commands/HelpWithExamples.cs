using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary>The help as the library writes it, then the examples.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    // As wide as a terminal is anywhere, so that help reads the same in a pipe, a log and a test.
    private const int Width = 100;

    private readonly HelpAction _help;

    internal HelpWithExamples(HelpAction help)
    {
        _help = help;
        _help.MaxWidth = Width;
    }

    public override int Invoke(ParseResult parseResult)
    {
        int result = _help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is ToolCommand { Examples.Count: > 0 } command)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            int widest = command.Examples.Max(static example => example.CommandLine.Length);
            foreach ((string line, string what) in command.Examples)
            {
                output.WriteLine($"  {line.PadRight(widest)}  {what}");
            }

            output.WriteLine();
        }

        return result;
    }
}
