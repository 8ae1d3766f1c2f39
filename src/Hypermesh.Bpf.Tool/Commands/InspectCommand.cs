using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf inspect</c>: the content and the requirements of an object.</summary>
internal static class InspectCommand
{
    internal static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A compiled object (clang -target bpf -g)." };
        file.Validators.Add(CommonOptions.RefuseMistakes);
        return new ToolCommand("inspect", "Shows what an object contains (sections, programs, maps, globals, externs, relocations) and what it requires from a kernel and a process. No kernel is needed.") { file }
            .Example("hmbpf inspect exec.bpf.o", "as tables")
            .Example("hmbpf inspect exec.bpf.o --json", "as JSON")
            .Does((arguments, terminal) =>
            {
                string path = arguments.GetRequiredValue(file);
                BpfObjectSpec spec = ObjectFile.Read(path);
                var result = new JsonObject { ["object"] = Path.GetFileName(path), ["license"] = spec.License };
                foreach ((string name, JsonArray rows) in ObjectContents.Of(spec))
                {
                    Show(terminal, name, rows);
                    result[name] = rows;
                }

                JsonObject needs = Needs(new ObjectNeeds(spec));
                result["needs"] = needs;
                terminal.Line(new Painted(Colour.Yellow, "needs"));
                Fields.Write(terminal, needs, "  ");
                if (spec.Btf is null)
                {
                    terminal.Complain($"{path} has no BTF, so it has no lines of C, no types and no CO-RE relocations: compile it with clang -g.");
                }

                terminal.Result(result);
                return ExitCode.Success;
            });
    }

    private static void Show(Terminal terminal, string name, JsonArray rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        terminal.Line(new Painted(Colour.Yellow, name));
        string[] columns = [.. rows[0]!.AsObject().Select(static cell => cell.Key)];
        var table = new TextTable(columns);
        foreach (JsonNode? row in rows)
        {
            table.Add([.. columns.Select(column => row![column]?.ToString() ?? "-")]);
        }

        table.Write(terminal, "  ");
        terminal.Line();
    }

    private static JsonObject Needs(ObjectNeeds needs) => new()
    {
        ["kernel"] = $"{needs.Least.Version} (for {needs.Least.For})",
        ["capabilities"] = needs.CapabilityList,
        ["options"] = Strings(needs.Options),
        ["helpers"] = Strings(needs.Helpers),
        ["kernelFunctions"] = Strings(needs.KernelFunctions),
    };

    private static JsonArray Strings(IEnumerable<string> all) => new([.. all.Select(static text => (JsonNode)text)]);
}
