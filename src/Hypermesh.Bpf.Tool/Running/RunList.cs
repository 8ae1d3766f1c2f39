using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>Lists the templates and the parameters of an object.</summary>
internal static class RunList
{
    internal static int Templates(Terminal terminal)
    {
        var all = new JsonArray();
        foreach (BpfTemplate template in BpfTemplate.All)
        {
            terminal.Line($"{new Painted(Colour.Bold, template.Name)}  {template.Description}");
            Table(template.Parameters).Write(terminal, "  ");
            terminal.Line();
            all.Add((JsonNode)new JsonObject { ["template"] = template.Name, ["description"] = template.Description, ["parameters"] = Json(template.Parameters) });
        }

        terminal.Result(new JsonObject { ["templates"] = all });
        return ExitCode.Success;
    }

    internal static int Parameters(Terminal terminal, BpfObjectSpec spec)
    {
        IReadOnlyList<BpfParameter> parameters = BpfParameter.Of(spec);
        if (parameters.Count == 0)
        {
            terminal.Line($"{spec.Name} has no parameters.");
        }
        else
        {
            Table(parameters).Write(terminal);
        }

        terminal.Result(new JsonObject { ["name"] = spec.Name, ["parameters"] = Json(parameters) });
        return ExitCode.Success;
    }

    private static TextTable Table(IReadOnlyList<BpfParameter> parameters)
    {
        var table = new TextTable("PARAMETER", "TYPE", "FROM", "TO", "DEFAULT", "DESCRIPTION");
        foreach (BpfParameter one in parameters)
        {
            table.Add(one.Name, one.TypeName, Number(one.Least), Number(one.Most), one.Default, one.Description);
        }

        return table;
    }

    private static JsonArray Json(IReadOnlyList<BpfParameter> parameters) => [.. parameters.Select(static one => (JsonNode)new JsonObject
    {
        ["name"] = one.Name,
        ["type"] = one.TypeName,
        ["from"] = Number(one.Least),
        ["to"] = Number(one.Most),
        ["default"] = one.Default,
        ["description"] = one.Description,
    })];

    private static string Number(BigInteger value) => value.ToString(CultureInfo.InvariantCulture);
}
