using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary>Writes the library's help, then the examples.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    // A fixed width, so that help is the same in a terminal, a pipe, a log and a test.
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
