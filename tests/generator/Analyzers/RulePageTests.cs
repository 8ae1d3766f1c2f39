extern alias fixes;
using System.Security.Cryptography;
using System.Text;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Microsoft.CodeAnalysis;

namespace Hypermesh.Bpf.Tests.Generator.Analyzers;

/// <summary>Each rule has its page, and what the page shows is true: the wrong example is told, the right one is not, the fix mends it.</summary>
public sealed class RulePageTests
{
    // No C brings these about: files that are damaged, metadata, and options of clang.
    private static readonly string[] s_withoutExample =
        ["HMBPF2001", "HMBPF2002", "HMBPF2003", "HMBPF2004", "HMBPF2006", "HMBPF2007", "HMBPF2009", "HMBPF2010", "HMBPF2015", "HMBPF2020", "HMBPF2099"];

    // What only the author can mend: where a program goes, what is to live longer.
    private static readonly string[] s_withoutFix =
        ["HMBPF3005", "HMBPF3006", "HMBPF3007", "HMBPF3010", "HMBPF3013", "HMBPF3016", "HMBPF3018", "HMBPF3020", "HMBPF3021", "HMBPF3022", "HMBPF3023", "HMBPF3024", "HMBPF3025", "HMBPF3026", "HMBPF3027", "HMBPF3028"];

    private static readonly DiagnosticDescriptor[] s_rules = [.. FindRules()];

    public static TheoryData<string> CSharpExamples => [.. RulePage.All.Where(page => page.Code("Wrong", "csharp") is not null).Select(page => page.Id)];

    public static TheoryData<string> CExamples => [.. RulePage.All.Where(page => page.Code("Wrong", "c") is not null).Select(page => page.Id)];

    [Fact]
    public void Every_rule_has_a_page_and_every_page_a_rule()
        => Assert.Equal(s_rules.Select(rule => rule.Id).Order(StringComparer.Ordinal), RulePage.All.Select(page => page.Id));

    [Fact]
    public void A_page_says_what_why_and_how_to_fix_and_shows_both()
        => Assert.All(s_rules, rule =>
        {
            RulePage page = RulePage.Of(rule.Id);
            string[] sections = s_withoutExample.Contains(rule.Id) ? ["What", "Why", "How to fix"] : ["What", "Why", "How to fix", "Wrong", "Right"];

            Assert.Equal($"# {rule.Id}: {rule.Title}", page.Heading);
            Assert.Equal(sections, page.Sections);
            Assert.All(sections, section => Assert.False(string.IsNullOrWhiteSpace(page[section])));
            Assert.Equal(!s_withoutExample.Contains(rule.Id), (page.Code("Wrong", "csharp") ?? page.Code("Wrong", "c")) is not null);
        });

    [Fact]
    public void A_rule_links_to_its_page_in_the_package()
        => Assert.All(s_rules, rule => Assert.Equal($"Hypermesh.BpfSdk/docs/rules/{rule.Id}.md", rule.HelpLinkUri));

    [Fact]
    public void Every_rule_is_in_the_release_notes()
    {
        string notes = File.ReadAllText(Path.Combine(RulePage.Folder, "../../../../generators/Hypermesh.BpfSdk.Generators/AnalyzerReleases.Unshipped.md"))
            + File.ReadAllText(Path.Combine(RulePage.Folder, "../../../../generators/Hypermesh.BpfSdk.Generators/AnalyzerReleases.Shipped.md"));

        Assert.All(s_rules, rule => Assert.Contains($"{rule.Id} | {rule.Category} | {rule.DefaultSeverity} | {rule.Title}\n", notes, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(CSharpExamples))]
    public async Task The_wrong_example_is_reported(string id)
        => Assert.Equal([id], (await (id == UsageIds.MissingMember
            ? UserCode.AnalyzeAsItIs(Compile(RulePage.Of(id).Code("Wrong", "csharp")!), [UserCode.Traffic])
            : UserCode.Analyze(Compile(RulePage.Of(id).Code("Wrong", "csharp")!)))).Select(told => told.Id));

    [Theory]
    [MemberData(nameof(CSharpExamples))]
    public async Task The_right_example_is_not_reported(string id)
        => Assert.Empty(await UserCode.Analyze(Compile(RulePage.Of(id).Code("Right", "csharp")!)));

    [Theory]
    [MemberData(nameof(CSharpExamples))]
    public async Task The_code_fix_repairs_the_wrong_example(string id)
    {
        if (id == UsageIds.MissingMember)
        {
            // Its wrong example does not compile, and the compiler's own message is where an editor begins.
            return;
        }

        string file = UserCode.File(RulePage.Of(id).Code("Wrong", "csharp")!);
        if (id == UsageIds.EventBytes)
        {
            string c = File.ReadAllText(Path.Combine(RulePage.Folder, "traffic.bpf.c"));
            string? changed = await FixedCode.OfC(file, id, c);

            // Only the definition of the ring changes, by one line.
            Assert.Equal(c.Replace(
                "\t__uint(max_entries, 64 * 1024);\n} samples SEC", "\t__uint(max_entries, 64 * 1024);\n\t__type(value, struct sample);\n} samples SEC", StringComparison.Ordinal), changed);
            Assert.NotEqual(c, changed);
            return;
        }

        string? mended = await FixedCode.Of(file, id);
        Assert.Equal(s_withoutFix.Contains(id), mended is null);
        if (mended is not null)
        {
            // Attaching all leaves one program that must be told where: a message of its own.
            string before = (await UserCode.Analyze(UserCode.Compile(file)))[0].GetMessage();
            Assert.DoesNotContain((await UserCode.Analyze(UserCode.Compile(mended))).Select(told => told.GetMessage()), told => told == before);
        }
    }

    [Theory]
    [MemberData(nameof(CExamples))]
    public void The_wrong_C_is_reported(string id)
    {
        Diagnostic[] told = [.. GeneratorRun.Of([Example(id, "Wrong")]).Diagnostics.Where(found => found.Id == id)];

        Assert.NotEmpty(told);
        Assert.All(told, found => Assert.EndsWith(".bpf.c", found.Location.GetLineSpan().Path, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(CExamples))]
    public void The_right_C_is_not_reported(string id)
        => Assert.DoesNotContain(GeneratorRun.Of([Example(id, "Right")]).Diagnostics, found => found.Id == id);

    [Theory]
    [MemberData(nameof(CExamples))]
    public void The_carriers_are_made_from_the_C_of_the_pages(string id)
    {
        foreach (string section in (string[])["Wrong", "Right"])
        {
            AssertIsOf(CarrierFile.TextOf($"Rules/{id}{section}"), RulePage.Of(id).Code(section, "c")!);
        }

        AssertIsOf(CarrierFile.TextOf("Rules/Jumps"), File.ReadAllText(Path.Combine(RulePage.Folder, "jumps.bpf.c")));
        AssertIsOf(CarrierFile.TextOf("Rules/Traffic"), File.ReadAllText(Path.Combine(RulePage.Folder, "traffic.bpf.c")));
    }

    private static void AssertIsOf(string carrier, string c)
        => Assert.Contains(
            $"\nexample {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(c)))}\n", carrier, StringComparison.Ordinal);

    private static CarrierFile Example(string id, string section) => new($"/project/obj/bpf/{id}.bpf.elf.txt", CarrierFile.TextOf($"Rules/{id}{section}"));

    private static Microsoft.CodeAnalysis.CSharp.CSharpCompilation Compile(string members) => UserCode.Compile(UserCode.File(members));

    private static IEnumerable<DiagnosticDescriptor> FindRules()
        => typeof(DiagnosticIds).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Ids", StringComparison.Ordinal) && (type.Namespace == typeof(DiagnosticIds).Namespace || type.Namespace == typeof(UsageIds).Namespace))
            .SelectMany(type => type.GetFields())
            .Select(field => (string)field.GetRawConstantValue()!)
            .Select(id => UsageDescriptors.All.SingleOrDefault(rule => rule.Id == id) ?? DiagnosticDescriptors.Find(id));
}
