using System.Text;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Output;

/// <summary>What scripts read: the fields of <c>--json</c>, for the commands whose answer depends on a file alone.</summary>
public sealed class JsonTests
{
    [Fact]
    public void Fields_are_those_written_down()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string linked = Path.Combine(folder, "linked.bpf.o");
        try
        {
            var text = new StringBuilder();
            foreach (string[] command in new string[][]
            {
                ["inspect", Hmbpf.TestData("small.bpf.o")],
                ["inspect", Hmbpf.TestData("externs.bpf.o")],
                ["disasm", Hmbpf.TestData("small.bpf.o")],
                ["btf", "dump", Hmbpf.TestData("small.bpf.o")],
                ["relocate", Hmbpf.TestData("core.bpf.o"), "--btf", Hmbpf.TestData("core-target.bpf.o")],
                ["gen", "object", linked, Hmbpf.TestData("link-first.bpf.o"), Hmbpf.TestData("link-second.bpf.o")],
            })
            {
                Hmbpf.Outcome outcome = Hmbpf.Run([.. command, "--json"]);
                Assert.True(outcome.ExitCode == 0, $"{string.Join(' ', command)}: {outcome.Error}");
                var fields = new SortedSet<string>(StringComparer.Ordinal);
                Collect(outcome.Json, "", fields);
                text.Append(string.Join(' ', command.Select(static word => Path.GetFileName(word)))).Append('\n').Append(string.Concat(fields.Select(static field => $"  {field}\n")));
            }

            GoldenFile.Check("json", text.ToString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A field by its path; the elements of an array are one.
    private static void Collect(JsonElement element, string path, SortedSet<string> fields)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    Collect(property.Value, $"{path}.{property.Name}", fields);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement one in element.EnumerateArray())
                {
                    Collect(one, path + "[]", fields);
                }

                break;
            default:
                fields.Add($"{path} {(element.ValueKind is JsonValueKind.True or JsonValueKind.False ? "Boolean" : element.ValueKind)}");
                break;
        }
    }
}
