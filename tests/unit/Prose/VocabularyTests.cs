using System.Reflection;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Unit.Prose;

/// <summary>Comments, messages and documentation are plain technical English: word order and words that readers had to puzzle over do not come back.</summary>
public sealed partial class VocabularyTests
{
    private static readonly string s_repository = Path.GetFullPath(Path.Combine(
        typeof(VocabularyTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!, "../.."));

    // What was written, and what to write. The second column is for whoever the test fails on.
    private static readonly (Regex Old, string New)[] s_words =
    [
        (new(@"\bknows? not\b"), "does not know; for a kernel: rejects, does not support"),
        (new(@"\bhas (it|them|that|this|these) not\b"), "does not have; not supported by this kernel"),
        (new(@"\bhas none such\b"), "has no such field, map, …"),
        (new(@"\bnone of that (number|name)\b"), "no map with that ID, no program of that name"),
        (new(@"\bof that number\b"), "with that ID"),
        (new(@"\bkernel's numbers? (of|for) (it\b|them\b|(the|a|an|its) ([a-z]+ )?(map|program|link|BTF|object|type)s?\b)"), "the kernel's ID of"),
        (new(@"\bby (its |their )?number\b(?! of)"), "by ID"),
        (new(@"\b[Ll]ooks at a (map|part of a section)\b"), "Creates a view of"),
        (new(@"\b(is|are|was|were|be) told\b(?! (apart|from|to))"), "is reported, is told to do; say who reports what"),
        (new(@"\btaken in\b"), "supported, accepted"),
        (new(@"\b(comes|come|came) to be\b"), "is created, exists"),
        (new(@"\b(is|are) let pass\b"), "is ignored, is accepted"),
        (new(@"\b[Oo]perations tables?\b|\b[Tt]ables? of operations\b"), "struct_ops map"),
        (new(@"\bsections? of globals\b"), "data section"),
        (new(@"\bis no (?!longer\b|more than\b|less than\b|better\b|different\b)[a-z]"), "is not a, is not an (not after 'there')"),
        (new(@"\bare no (?!longer\b|more than\b|less than\b)[a-z]"), "are not (not after 'there')"),
        (new(@"\bis no more\b(?! than)"), "has ended, is closed"),
        (new(@"\bWhatever is wrong\b"), "BPF_… reports the error"),
        (new(@"\bwhile the answer lives\b"), "until the returned value is disposed"),
        (new(@"\b(for|to) who (has|uses|is)\b"), "for users of; requires"),
        (new(@"\bno link comes\b|\bthat nobody ends\b"), "so no link can leak"),
        (new(@"\bonly a memory of\b"), "only its description remains"),
        (new(@"\brefusal is thrown away\b"), "the result of a failed operation is ignored"),
        (new(@"\bin memory otherwise\b"), "the layout differs"),
    ];

    public static TheoryData<string> Folders => ["src", "generators", "msbuild", "samples", "bpf-templates", "."];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Nothing_is_written_as_readers_had_to_puzzle_over(string folder)
    {
        string root = Path.Combine(s_repository, folder);
        string[] files =
        [
            .. Directory.EnumerateFiles(root, "*", folder == "." ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories)
                .Where(static path => TextFile().IsMatch(path) && !path.EndsWith(".g.cs", StringComparison.Ordinal) && !BuildOutput().IsMatch(path)),
        ];
        Assert.NotEmpty(files);

        string[] found =
        [
            .. from file in files
               from line in File.ReadLines(file).Select(static (text, index) => (Text: text, Number: index + 1))
               from words in s_words
               from match in words.Old.Matches(line.Text)
               where !After(line.Text, match, "here ")
               select $"{Path.GetRelativePath(s_repository, file)}:{line.Number}: '{match.Value}': {words.New}",
        ];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData("The kernel knows not the flag")]
    [InlineData("It is no map")]
    [InlineData("by number, as bpftool shows it")]
    [InlineData("Refused programs are told.")]
    public void The_rules_find_what_they_are_for(string text) => Assert.Contains(s_words, words => words.Old.IsMatch(text));

    [Theory]
    [InlineData("The kernel does not know the flag, and is told to by nobody")]
    [InlineData("It is no longer a map")]
    [InlineData("the number of maps by their number of entries")]
    public void The_rules_leave_ordinary_words_alone(string text) => Assert.DoesNotContain(s_words, words => words.Old.IsMatch(text));

    private static bool After(string text, Match found, string before)
        => found.Index >= before.Length && text.AsSpan(found.Index - before.Length, before.Length).Equals(before, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\.(cs|md|targets|props|h|c|sh|json)$")]
    private static partial Regex TextFile();

    [GeneratedRegex(@"[/\\](bin|obj|artifacts)[/\\]")]
    private static partial Regex BuildOutput();
}
