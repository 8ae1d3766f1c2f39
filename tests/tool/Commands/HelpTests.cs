using System.CommandLine;
using System.Text;
using Hypermesh.Bpf.Tool.Commands;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

public sealed class HelpTests
{
    // All of them, so that a new one is not forgotten.
    private static readonly string[] s_commands = ["", .. Below(HmbpfCommand.Create(), "")];

    [Fact]
    public void Every_command_says_what_it_does()
    {
        var all = new StringBuilder();
        foreach (string command in s_commands)
        {
            Hmbpf.Outcome outcome = Hmbpf.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            all.Append(outcome.Output.ReplaceLineEndings("\n").TrimEnd()).Append("\n\n────\n\n");
        }

        GoldenFile.Check("help", all.ToString());
    }

    private static IEnumerable<string> Below(Command command, string path)
        => command.Subcommands.SelectMany(sub => Below(sub, $"{path}{sub.Name} ").Prepend($"{path}{sub.Name}"));
}
