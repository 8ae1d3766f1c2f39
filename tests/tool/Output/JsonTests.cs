using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Commands;

namespace Hypermesh.Bpf.Tests.Tool.Output;

/// <summary>
/// What scripts read: the fields of <c>--json</c> of every command. A line is the path of a field and the kinds of value it had, with the elements of an array as one; a field that some
/// elements lack is optional. What depends on the machine (how many programs, which states) changes no line.
/// </summary>
public sealed class JsonTests : IDisposable
{
    private const int ExitFailure = 1;

    // The monitors' figures depend on the machine, and what "run" and the one-line commands print on the C and the line; the guides "monitors", "serve", "run", "one-line", "profile" and "updating" have their fields, and the
    // tests of these commands read them.
    private static readonly string[] s_described = ["cost", "count", "hist", "hooks", "latency", "lhist", "pin adopt", "pin clean", "pin list", "preflight", "profile", "record", "replay", "run", "serve", "sum", "top", "trace"];

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-json-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Fields_are_those_written_down() => Check("json", 0, FileCommands);

    [Fact]
    public void Fields_about_the_machine_and_the_kernel_are_those_written_down()
    {
        Hmbpf.NeedsRoot();
        using Shown shown = Shown.Open().Load();
        shown.Attach();
        shown.Maps.ShownValues[1] = default;
        Check("json-live", 0, LiveCommands(shown.Programs.ShownProgram.Id, shown.Maps.ShownValues.Id, shown.Maps.ShownPerCpu.Id, shown.Programs.ShownProgram.Links[0].Id!.Value));
    }

    /// <summary>One object is loaded, one is rejected, and one is not there.</summary>
    [Fact]
    public void Fields_about_loading_are_those_written_down()
    {
        Hmbpf.NeedsRoot();
        Check("json-load", ExitFailure, LoadCommands);
    }

    [Fact]
    public void Every_command_with_JSON_is_written_down()
    {
        string[] all = [.. Leaves(HmbpfCommand.Create()).Select(static command => CommonOptions.CommandLine(command)["hmbpf ".Length..])];
        string[] tried = [.. FileCommands.Concat(LiveCommands(0, 0, 0, 0)).Concat(LoadCommands).Select(words => all.Single(name => (string.Join(' ', words) + " ").StartsWith(name + " ", StringComparison.Ordinal))).Distinct()];
        Assert.Equal(all.Order(StringComparer.Ordinal), tried.Concat(s_described).Order(StringComparer.Ordinal));
    }

    private string[][] FileCommands =>
    [
        ["inspect", Hmbpf.TestData("small.bpf.o")],
        ["inspect", Hmbpf.TestData("externs.bpf.o")],
        ["disasm", Hmbpf.TestData("small.bpf.o")],
        ["btf", "dump", Hmbpf.TestData("small.bpf.o")],
        ["btf", "dump", Hmbpf.TestData("core.bpf.o")],
        ["relocate", Hmbpf.TestData("core.bpf.o"), "--btf", Hmbpf.TestData("core-target.bpf.o")],
        ["gen", "object", Path.Combine(_folder, "linked.bpf.o"), Hmbpf.TestData("link-first.bpf.o"), Hmbpf.TestData("link-second.bpf.o")],
    ];

    private string[][] LoadCommands =>
    [
        ["verify", ShownObject.File, ShownObject.Unloadable, Path.Combine(_folder, "missing.bpf.o")],
        ["verify", "--log", ShownObject.File, ShownObject.Unloadable],
        ["load", ShownObject.File, ShownObject.Unloadable],
        ["load", "--repeat", "2", ShownObject.File, ShownObject.Unloadable],
    ];

    private static string[][] LiveCommands(uint program, uint map, uint perCpuMap, uint link) =>
    [
        ["doctor"],
        ["prog", "list"],
        ["prog", "show", Id(program)],
        ["prog", "dump", Id(program)],
        ["disasm", Id(program)],
        ["map", "list"],
        ["map", "show", Id(map)],
        ["map", "dump", Id(map)],
        ["map", "dump", Id(perCpuMap)],
        ["link", "list"],
        ["link", "show", Id(link)],
        ["link", "dump", Id(link)],
        ["btf", "list"],
    ];

    private static string Id(uint number) => number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<Command> Leaves(Command command) => command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);

    private static void Check(string golden, int exitCode, string[][] commands)
    {
        var text = new StringBuilder();
        foreach (string[] command in commands)
        {
            Hmbpf.Outcome outcome = Hmbpf.Run([.. command, "--json"]);
            Assert.True(outcome.ExitCode == exitCode, $"{string.Join(' ', command)}: {outcome.Error}");
            var fields = new FieldPaths();
            fields.Add(outcome.Json);
            text.Append(string.Join(' ', command.Select(word => word.All(char.IsAsciiDigit) && command[0] != "load" ? "ID" : Path.GetFileName(word)))).Append('\n').Append(string.Concat(fields.Lines.Select(static line => $"  {line}\n")));
        }

        GoldenFile.Check(golden, text.ToString());
    }

    /// <summary>The paths of the fields of one JSON text.</summary>
    private sealed class FieldPaths
    {
        private readonly SortedDictionary<string, SortedSet<string>> _kinds = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _objects = [];
        private readonly Dictionary<string, (string Owner, int Count)> _members = [];

        internal void Add(JsonElement element) => Add(element, "");

        internal IEnumerable<string> Lines => _kinds.Select(one => $"{one.Key} {string.Join(" or ", one.Value)}{(IsOptional(one.Key) ? ", optional" : "")}");

        private void Add(JsonElement element, string path)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    _objects[path] = _objects.GetValueOrDefault(path) + 1;
                    foreach (JsonProperty property in element.EnumerateObject())
                    {
                        string member = $"{path}.{property.Name}";
                        _members[member] = (path, _members.GetValueOrDefault(member).Count + 1);
                        Add(property.Value, member);
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement one in element.EnumerateArray())
                    {
                        Add(one, path + "[]");
                    }

                    break;
                default:
                    if (!_kinds.TryGetValue(path, out SortedSet<string>? kinds))
                    {
                        _kinds.Add(path, kinds = new SortedSet<string>(StringComparer.Ordinal));
                    }

                    kinds.Add(element.ValueKind is JsonValueKind.True or JsonValueKind.False ? "Boolean" : $"{element.ValueKind}");
                    break;
            }
        }

        // Itself, or the object that it is in.
        private bool IsOptional(string path) => _members.Where(member => IsWithin(path, member.Key)).Any(member => member.Value.Count < _objects[member.Value.Owner]);

        private static bool IsWithin(string path, string member)
            => path.StartsWith(member, StringComparison.Ordinal) && (path.Length == member.Length || path[member.Length] is '.' or '[');
    }
}
