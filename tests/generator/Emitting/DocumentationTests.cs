using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Generators.Emitting;
using Microsoft.CodeAnalysis.Emit;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>The comments of the C as the compiler writes them into the documentation file.</summary>
public sealed class DocumentationTests
{
    private const string Class = "Carriers.Sample.Documented";

    private static readonly Lazy<XDocument> s_documented = new(() => DocumentationOf(CarrierFile.TextOf("Documented")));

    [Theory]
    [InlineData("F:Event.TimeNs", "When. A // in it is no other comment.", "C: __u64 time_ns, line 27.")]
    [InlineData("F:Event.Pid", "The process,\nas the kernel names it.", "C: __u32 pid, line 28.")]
    [InlineData("F:Event.Left", "Of an anonymous struct.", "C: __u16 left, line 41.")]
    [InlineData("F:Event.Address", "Either of the two.", "C: union { … } address, line 47.")]
    [InlineData("F:EventAddress.V4", "Four bytes.", "C: __u32 v4, line 45.")]
    [InlineData("P:Event.IsNew", "A bit.", "C: __u32 is_new : 1, line 48.")]
    [InlineData("P:Event.WasRoot", "Yes or no.", "C: _Bool was_root, line 50.")]
    [InlineData("F:Event.Port", "Swapped.", "C: __be16 port, in network byte order, as stored;  is the number, line 51.")]
    [InlineData("T:Reason", "Why a process ended.", "C: enum reason, line 11.")]
    [InlineData("F:Reason.ReasonExit", "By itself.", "C: REASON_EXIT, line 12.")]
    [InlineData("F:Reason.ReasonSignal", "By a signal, or \"killed\".", "C: REASON_SIGNAL, line 14.")]
    [InlineData("T:Counts", "A typedef names it.", "C: counts, 8 bytes, line 58.")]
    [InlineData("T:KernelWay", "The kernel's way, with members.", "C: struct kernel_way, 16 bytes, line 66.")]
    [InlineData("F:KernelWay.First", "One   member.", "C: __u64 first, line 67.")]
    [InlineData("F:KernelWay.Second", "And\\or another,\twith a tab.", "C: __u64 second, line 68.")]
    [InlineData("P:MapSet.Events", "Events, in a ring of our header's.", "Map events: RingBuf of struct event, line 82.")]
    [InlineData("P:Spec.MapSet.ByUser", "By user.\nSecond line of it.", "Map by_user: Hash from __u32 to counts, line 93.")]
    [InlineData("P:GlobalSet.Verbosity", "How much to say: 1 < 2.", "Variable int verbosity in .data, line 75.")]
    [InlineData("F:Config.Inside", "Of a variable.", "C: __u32 inside, line 78.")]
    [InlineData("T:InHeader", "What a header declares.", "C: struct in_header, 4 bytes, line 5 of bpf/documented.h.")]
    [InlineData("F:InHeader.Number", "In the header too.", "C: __u32 number, line 6 of bpf/documented.h.")]
    public void A_comment_becomes_the_summary_and_its_place_the_remarks(string member, string summary, string place)
    {
        XElement entry = Entry(s_documented.Value, member);

        Assert.Equal(summary, entry.Element("summary")!.Value);
        Assert.Equal(place, entry.Element("remarks")!.Value);
    }

    [Theory]
    [InlineData("F:Event.Reason", "C: enum reason reason, line 39.")]
    [InlineData("F:Event.Comm", "C: char comm[16], line 52.")]
    [InlineData("F:Reason.ReasonNone", "C: REASON_NONE, line 15.")]
    [InlineData("P:MapSet.WithoutAComment", "Map without_a_comment: Array of struct in_header, line 100.")]
    [InlineData("P:ProgramSet.Pass", "Program pass, section xdp, line 125.")]
    public void Without_a_comment_the_summary_says_what_it_is_in_C(string member, string summary)
    {
        XElement entry = Entry(s_documented.Value, member);

        Assert.Equal(summary, entry.Element("summary")!.Value);
        Assert.Null(entry.Element("remarks"));
    }

    [Fact]
    public void Markup_of_XML_in_a_comment_stays_text()
    {
        XElement entry = Entry(s_documented.Value, "T:Event");

        Assert.Equal("One event: a < b && b > c.", entry.Element("summary")!.Value);
        Assert.Equal(
            ["Comments may hold <tags>, &entities;, \"quotes\", code, ]]>, * /,\n--> and other scripts: Zürich, 東京, 🐝.", "C: struct event, 64 bytes, line 26."],
            entry.Element("remarks")!.Elements("para").Select(para => para.Value));
        Assert.Equal("code", entry.Descendants("c").First().Value);
    }

    [Fact]
    public void The_commands_of_Doxygen_are_understood()
    {
        XElement entry = Entry(s_documented.Value, "F:Event.Uid");

        Assert.Equal("Which user.", entry.Element("summary")!.Value);
        Assert.Equal(
            ["uid: not a parameter at all", "Returns nothing", "Note: See pid and \"struct\" for more.", "C: __u32 uid, line 35."],
            entry.Element("remarks")!.Elements("para").Select(para => para.Value));
        Assert.Empty(entry.Elements("param"));
    }

    [Fact]
    public void Arguments_in_kernel_style_are_paragraphs()
    {
        XElement entry = Entry(s_documented.Value, "P:ProgramSet.OnExec");

        Assert.Equal("Counts and tells.", entry.Element("summary")!.Value);
        Assert.Equal(
            ["ctx: what the kernel hands over", "Program on_exec, section tp_btf/sched_process_exec, line 108."],
            entry.Element("remarks")!.Elements("para").Select(para => para.Value));
    }

    // What would end a line of C#, or is no character of XML, or is written as an end of C's comment.
    [Theory]
    [InlineData("a\u2028b\u2029c\u0085d", "a b c d")]
    [InlineData("*/ #line 7 \"x\" /* ///", "*/ #line 7 \"x\" /* ///")]
    [InlineData("</summary><script>", "</summary><script>")]
    [InlineData("one ` tick", "one ` tick")]
    [InlineData("@ at the start, \\ too", "@ at the start, \\ too")]
    [InlineData("\\brief", "")]
    public void Any_text_stays_text(string comment, string summary)
    {
        string line = $"doc seen\t74\t7\t\t{comment.Replace("\\", "\\\\", StringComparison.Ordinal)}";
        string text = Regex.Replace(CarrierFile.TextOf("Documented"), "^doc seen\t.*$", line.Replace("$", "$$", StringComparison.Ordinal), RegexOptions.Multiline);
        string expected = summary.Length > 0 ? summary : "Variable __u64 seen in .bss, line 74.";

        Assert.Equal(expected, Entry(DocumentationOf(text), "P:GlobalSet.Seen").Element("summary")!.Value);
    }

    [Fact]
    public void Characters_that_XML_does_not_allow_are_replaced()
        => Assert.Equal("bell \ufffd, null \ufffd, half \ufffd, whole \ud83d\udc1d, none \ufffd", XmlText.Escape("bell \u0007, null \0, half \ud83d, whole \ud83d\udc1d, none \uffff"));

    [Theory]
    [InlineData("doc seen")]
    [InlineData("doc seen\tx\t7\t\ttext")]
    [InlineData("doc seen\t0\t7\t\ttext")]
    [InlineData("doc seen\t99999999999\t7\t\ttext")]
    [InlineData("doc seen\t1\t7\t\ttext\tmore")]
    public void An_invalid_line_is_reported(string line)
    {
        string text = Regex.Replace(CarrierFile.TextOf("Documented"), "^doc seen\t.*$", line, RegexOptions.Multiline);

        GeneratorRun run = GeneratorRun.Of([new CarrierFile("/c", text)]);

        Assert.Empty(run.Sources);
        Assert.Equal("HMBPF2002", Assert.Single(run.Diagnostics).Id);
    }

    [Fact]
    public void Another_comment_is_another_model_and_nothing_else_is()
    {
        CarrierFile file = CarrierFile.Named("Documented");
        CarrierFile other = new(file.Path, CarrierFile.TextOf("Documented").Replace("Since loading.", "Since the start.", StringComparison.Ordinal));

        GeneratorRun second = GeneratorRun.Of([file]).AgainWith(file, other);

        Assert.Contains("/// <summary>Since the start.</summary>", second.Sources.Single().SourceText.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            GeneratorRun.Of("Documented").Sources.Single().SourceText.ToString(),
            second.Sources.Single().SourceText.ToString().Replace("Since the start.", "Since loading.", StringComparison.Ordinal));
    }

    private static XElement Entry(XDocument documentation, string member)
        => documentation.Descendants("member").Single(entry => entry.Attribute("name")!.Value == $"{member[..2]}{Class}.{member[2..]}");

    private static XDocument DocumentationOf(string carrier)
    {
        using var assembly = new MemoryStream();
        using var documentation = new MemoryStream();
        EmitResult result = GeneratorRun.Of([new CarrierFile("/c", carrier)]).Whole()
            .Emit(assembly, xmlDocumentationStream: documentation, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        documentation.Position = 0;
        // The compiler indents what has several lines.
        string text = Regex.Replace(new StreamReader(documentation).ReadToEnd(), "\n +", "\n");
        return XDocument.Parse(text, LoadOptions.PreserveWhitespace);
    }
}
