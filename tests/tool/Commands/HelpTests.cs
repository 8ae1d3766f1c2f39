using System.Text;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

public sealed class HelpTests
{
    private static readonly string[] s_commands =
    [
        "", "doctor", "top", "run", "serve", "record", "replay", "cost", "preflight", "inspect", "verify", "relocate", "load", "gen", "gen object", "btf", "btf list", "btf dump", "prog", "prog list", "prog show", "prog dump",
        "map", "map list", "map show", "map dump", "link", "link list", "link show", "link dump", "disasm",
    ];

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
}
