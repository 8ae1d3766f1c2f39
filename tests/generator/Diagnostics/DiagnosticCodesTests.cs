using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.Bpf.Tests.Generator.Diagnostics;

/// <summary>
/// All codes of the generator, the analyzers, the build's tasks and its targets, with their severities. <c>NoWarn</c>, <c>WarningsAsErrors</c> and <c>.editorconfig</c> of users name
/// them, so a line of the golden file is never given to something else.
/// </summary>
public sealed partial class DiagnosticCodesTests
{
    private static readonly string s_repository = Path.GetFullPath(Path.Combine(RulePage.Folder, "../../../.."));

    // The functions of the tasks that report a code.
    private static readonly Dictionary<string, string> s_severities = new()
    {
        ["LogError"] = "Error",
        ["LogWarning"] = "Warning",
        ["LogMessage"] = "Message",
        ["Error"] = "Error",
    };

    [Fact]
    public void Codes_and_severities_are_those_written_down()
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, Reported> code in All().GroupBy(static one => one.Code).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            text.Append($"{code.Key} {Joined(code, " or ", static one => one.Severity)}: {Joined(code, ", ", static one => one.Meaning)}\n");
        }

        GoldenFile.Check("Diagnostics", text.ToString());
    }

    [Fact]
    public void The_README_lists_each_code_once()
    {
        string readme = File.ReadAllText(Path.Combine(s_repository, "msbuild/Hypermesh.BpfSdk/README.md"));
        Assert.Equal(All().Select(static one => one.Code).Distinct().Order(StringComparer.Ordinal), Row().Matches(readme).Select(static row => row.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    private static string Joined(IEnumerable<Reported> code, string separator, Func<Reported, string> part) => string.Join(separator, code.Select(part).Distinct().Order(StringComparer.Ordinal));

    private static IEnumerable<Reported> All() => [.. OfRules(), .. OfTasks(), .. OfTargets()];

    private static IEnumerable<Reported> OfRules()
        => RuleIds().Select(static id => UsageDescriptors.All.SingleOrDefault(rule => rule.Id == id) ?? DiagnosticDescriptors.Find(id))
            .Select(static rule => new Reported(rule.Id, $"{rule.DefaultSeverity}", $"{rule.Title}"));

    private static IEnumerable<string> RuleIds()
        => typeof(DiagnosticIds).Assembly.GetTypes()
            .Where(static type => type.Name.EndsWith("Ids", StringComparison.Ordinal) && (type.Namespace == typeof(DiagnosticIds).Namespace || type.Namespace == typeof(UsageIds).Namespace))
            .SelectMany(static type => type.GetFields()).Select(static field => (string)field.GetRawConstantValue()!);

    // The codes are constants; what each call of the tasks does with them is in their source.
    private static List<Reported> OfTasks()
    {
        SyntaxNode[] sources =
        [
            .. new[] { "msbuild/Hypermesh.BpfSdk.Tasks", "src/Hypermesh.Bpf.Clang" }
                .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(s_repository, folder), "*.cs", SearchOption.AllDirectories))
                .Select(static file => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot()),
        ];
        Dictionary<string, string> constants = sources.SelectMany(static source => source.DescendantNodes().OfType<VariableDeclaratorSyntax>())
            .Where(static field => field.Initializer?.Value is LiteralExpressionSyntax { Token.ValueText: var code } && Code().IsMatch(code))
            .ToDictionary(static field => field.Identifier.ValueText, static field => ((LiteralExpressionSyntax)field.Initializer!.Value).Token.ValueText);
        List<Reported> found =
        [
            .. sources.SelectMany(static source => source.DescendantNodes().OfType<MemberAccessExpressionSyntax>())
                .Where(static use => use.Expression is IdentifierNameSyntax { Identifier.ValueText: "DiagnosticCodes" or "ClangCodes" })
                .Select(use => new Reported(constants[use.Name.Identifier.ValueText], SeverityOf(use), use.Name.Identifier.ValueText)),
        ];

        // A code that nothing reports would be missing from the file.
        Assert.Equal(constants.Values.Order(StringComparer.Ordinal), found.Select(static one => one.Code).Distinct().Order(StringComparer.Ordinal));
        return found;
    }

    private static string SeverityOf(MemberAccessExpressionSyntax use)
    {
        // A row of the table of clang's own words.
        if (use.FirstAncestorOrSelf<TupleExpressionSyntax>() is { } row)
        {
            return row.DescendantNodes().OfType<MemberAccessExpressionSyntax>().Single(static part => part.Expression.ToString() == "ClangDiagnosticKind").Name.Identifier.ValueText;
        }

        InvocationExpressionSyntax call = use.FirstAncestorOrSelf<InvocationExpressionSyntax>()!;
        string name = call.Expression is MemberAccessExpressionSyntax member ? member.Name.Identifier.ValueText : call.Expression.ToString();
        return name == "LogDiagnostic" && call.ArgumentList.Arguments[0].ToString() == "isError: true" ? "Error" : s_severities[name];
    }

    private static IEnumerable<Reported> OfTargets()
        => new[] { "msbuild", "src" }.SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(s_repository, folder), "*.targets", SearchOption.AllDirectories))
            .SelectMany(static file => XDocument.Load(file).Descendants())
            .Where(static task => Code().IsMatch(task.Attribute("Code")?.Value ?? ""))
            .Select(static task => new Reported(task.Attribute("Code")!.Value, task.Name.LocalName, task.Ancestors().First(static target => target.Name.LocalName == "Target").Attribute("Name")!.Value));

    [GeneratedRegex("^HMBPF[0-9]{4}$")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| \[?(HMBPF[0-9]{4})\b", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>One place that reports a code.</summary>
    /// <param name="Code">The code.</param>
    /// <param name="Severity">Its severity there.</param>
    /// <param name="Meaning">The title of the rule, the name of the constant, or the target.</param>
    private sealed record Reported(string Code, string Severity, string Meaning);
}
