using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Unit.Support;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tests.Tool.Output;

/// <summary>Anybody may choose names in files and in the kernel: characters that a terminal would obey are shown escaped, by every command and in every place.</summary>
public sealed class EscapeTests
{
    private const string Hostile = "\u001b]0;owned\u0007\u001b[31m\u009b2J\u202eevil\u2066\u200f\n\r\t\u2028\u061c\u007f\u00ad\U000e0041";
    private const string Shown = @"\x1b]0;owned\x07\x1b[31m\x9b2J\u202eevil\u2066\u200f\n\r\t\u2028\u061c\x7f\xad\U000e0041";

    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly Terminal _terminal;

    public EscapeTests() => _terminal = new Terminal(_output, _error, json: false, colours: true, progress: true);

    [Fact]
    public void No_character_that_a_terminal_obeys_is_printed()
    {
        for (int letter = 0; letter <= 0x10ffff; letter++)
        {
            if (Rune.IsValid(letter))
            {
                _terminal.Line(new Rune(letter).ToString());
            }
        }

        // Half of a surrogate pair is not a letter.
        _terminal.Line("\ud800");
        string all = _output.ToString();
        Escapes.AreNone(all.Replace("\ud800", "", StringComparison.Ordinal));
        Assert.Equal(0x110000 - 0x800 + 1, all.Count(static letter => letter == '\n'));
    }

    [Fact]
    public void Plain_text_is_printed_unchanged()
    {
        const string Text = "größer, 数, \ud83d\ude00 \"quoted\" \\ {0} ~";
        _terminal.Line(Text);
        Assert.Equal(Text + Environment.NewLine, _output.ToString());
    }

    [Fact]
    public void Values_are_escaped_before_they_get_their_colour()
    {
        _terminal.Line($"a\t{Hostile} {new Painted(Colour.Red, Hostile)} {new Painted(Colour.None, Hostile)} {7:x2} {null}");
        _terminal.Line(new Painted(Colour.Bold, Hostile));
        Assert.Equal($"a\t{Shown} \e[31m{Shown}\e[0m {Shown} 07 {Environment.NewLine}\e[1m{Shown}\e[0m{Environment.NewLine}", _output.ToString());
    }

    [Fact]
    public void A_verifier_log_keeps_its_lines_and_nothing_else_that_a_terminal_obeys()
    {
        string hostile = Hostile.Replace("\n", "", StringComparison.Ordinal);
        _terminal.ComplainAtLength($"first\n{hostile}\nlast\n");

        string[] lines = _error.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal(["first", "last"], [lines[0], lines[2]]);
        Assert.Equal(3, lines.Length);
        Escapes.AreNone(lines[1]);
        Assert.Contains("evil", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_verifier_log_begins_where_the_progress_was()
    {
        _terminal.Progress("compiling");
        _terminal.ComplainAtLength("first\n");
        Assert.Equal($"\r\e[Kcompiling\r\e[Kfirst{Environment.NewLine}", _error.ToString());
    }

    [Fact]
    public void Tables_fields_complaints_and_progress_are_escaped()
    {
        var table = new TextTable("NAME", "N", "LAST");
        table.Add(Hostile, "1", Hostile);
        table.Add("b", "22", "");
        table.Add(("c", Colour.Red), (Hostile, Colour.Green), ("d", Colour.None));
        table.Write(_terminal, "  ");
        Fields.Write(_terminal, new JsonObject { ["name"] = Hostile, ["list"] = new JsonArray(Hostile, new JsonObject { [Hostile] = Hostile }), [Hostile] = 1 });
        _terminal.Progress(Hostile);
        _terminal.Complain(Hostile);

        string text = Uncoloured(_output.ToString());
        Escapes.AreNone(text);
        Escapes.AreNone(_error.ToString().Replace("\r\e[K", "", StringComparison.Ordinal));
        string[] lines = text.Split('\n');
        Assert.Equal(lines[1].IndexOf(Shown, 10, StringComparison.Ordinal), lines[3].LastIndexOf('d'));
        Assert.Equal(2, _error.ToString().Split("evil", StringSplitOptions.None).Length - 1);
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("disasm")]
    [InlineData("relocate")]
    [InlineData("verify", "--reasons")]
    [InlineData("load")]
    [InlineData("btf", "dump")]
    [InlineData("btf", "dump", "--type", "\u001b[31m")]
    [InlineData("inspect", "--json")]
    [InlineData("disasm", "--json")]
    [InlineData("relocate", "--json")]
    [InlineData("verify", "--json")]
    [InlineData("btf", "dump", "--json")]
    public void No_command_prints_control_characters_from_the_names_of_an_object(params string[] command)
    {
        string file = Path.Combine(Path.GetTempPath(), $"hmbpf-{Environment.ProcessId}-\u001b[31m\u009b\u202e\n.bpf.o");
        File.WriteAllBytes(file, HostileObjects.All["names full of escapes"]());
        try
        {
            Hmbpf.Outcome outcome = Hmbpf.Run([.. command, file]);
            // C is indented by tabs.
            Escapes.AreNone(Regex.Replace(outcome.Output, "^\t+", "", RegexOptions.Multiline));
            Escapes.AreNone(outcome.Error);
            Assert.NotEqual("", outcome.Output + outcome.Error);
            if (command.Contains("--json"))
            {
                Assert.Equal(JsonValueKind.Object, outcome.Json.ValueKind);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("inspect", Hostile)]
    [InlineData("btf", "dump", Hostile)]
    [InlineData("map", "show", Hostile)]
    [InlineData("prog", "show", "/nonexistent/" + Hostile)]
    [InlineData(Hostile)]
    [InlineData("load", "x.o", "--repeat", Hostile)]
    [InlineData("btf", "dump", "--format", Hostile)]
    [InlineData("gen", "object", "/nonexistent/" + Hostile, "/proc/self/status")]
    [InlineData("verify", "-" + Hostile)]
    public void No_message_prints_control_characters_from_the_names_it_quotes(params string[] arguments)
    {
        // The letter beyond the first plane and line ends make no difference to the message, but to the shell that hands them on.
        Hmbpf.Outcome outcome = Hmbpf.Run(arguments);
        Assert.NotEqual(0, outcome.ExitCode);
        Escapes.AreNone(outcome.Output);
        Escapes.AreNone(outcome.Error);
        Assert.Equal(1, outcome.Error.Count(static letter => letter == '\n'));
    }

    [Theory]
    [InlineData("prototypes that double")]
    [InlineData("unions that double")]
    [InlineData("types of one name")]
    [InlineData("relocations that overlap")]
    [InlineData("functions that overlap")]
    [InlineData("one function under many names")]
    [InlineData("type names that overlap")]
    public void No_command_takes_long_for_an_object_made_to_take_long(string name)
    {
        string file = Path.Combine(Path.GetTempPath(), $"hmbpf-hostile-{Environment.ProcessId}-{name.GetHashCode(StringComparison.Ordinal)}.bpf.o");
        File.WriteAllBytes(file, HostileObjects.All[name]());
        try
        {
            foreach (string[] command in new string[][] { ["inspect"], ["relocate"], ["disasm"], ["btf", "dump"], ["btf", "dump", "--json"] })
            {
                // 256 MiB are a tenth of what the least of them took.
                Hmbpf.Outcome outcome = Hmbpf.RunWith("DOTNET_GCHeapHardLimit", "0x10000000", [.. command, file]);
                Assert.True(outcome.ExitCode is 0 or 1 && outcome.Output.Length < 32 << 20, $"{string.Join(' ', command)}: {outcome.ExitCode}, {outcome.Output.Length} letters, {outcome.Error}");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Uncoloured(string text)
    {
        foreach (Colour colour in Enum.GetValues<Colour>())
        {
            text = text.Replace(string.Create(CultureInfo.InvariantCulture, $"\e[{(int)colour}m"), "", StringComparison.Ordinal);
        }

        return text;
    }
}
