using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Sections;

/// <summary>The types each section name stands for, against those of libbpf 1.7 (sections.libbpf.txt; `compare.sh sections` asks it again).</summary>
public sealed class SectionTableTests
{
    // What libbpf 1.7 does not know yet. The kernel tests load these on a kernel that has them.
    private static readonly HashSet<string> s_newer =
    [
        "tracepoint.s", "tp.s", "raw_tracepoint.s", "raw_tp.s", "tp_btf.s", "fsession.multi", "fsession.multi.s",
        "fentry.multi", "fentry.multi.s", "fexit.multi", "fexit.multi.s",
    ];

    private static readonly string[][] s_lines = [.. File.ReadLines(TestData.Path("sections.libbpf.txt")).Select(static line => line.Split(' '))];

    public static TheoryData<string, string, string> Names()
    {
        var all = new TheoryData<string, string, string>();
        foreach (string[] line in s_lines)
        {
            all.Add(line[0], line[1], line[2]);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheTypesAreThoseOfLibbpf(string name, string program, string attach)
    {
        SectionDefinition ours = SectionTable.Find(name);

        if (s_newer.Contains(ours.Name))
        {
            Assert.Equal("-", program);
        }
        else if (program == "-")
        {
            Assert.Same(SectionDefinition.Unknown, ours);
        }
        else
        {
            Assert.Equal((program, attach), ($"{(int)ours.ProgramType}", $"{(int)ours.AttachType}"));
        }
    }

    [Fact]
    public void EveryRowIsComparedAloneAndWithATarget()
    {
        HashSet<string> compared = [.. s_lines.Select(static line => line[0])];

        Assert.Equal(116, SectionTable.Rows.Count);
        Assert.All(SectionTable.Rows, row => Assert.True(compared.Contains(row.Name) && compared.Contains(row.Name + "/extra"), row.Name));
        Assert.Equal(11, SectionTable.Rows.Count(static row => s_newer.Contains(row.Name)));
    }

    [Fact]
    public void Rows_of_return_probes_say_so()
        => Assert.Equal(
            ["kretprobe", "kretprobe.multi", "kretsyscall", "uretprobe", "uretprobe.multi", "uretprobe.multi.s", "uretprobe.s"],
            SectionTable.Rows.Where(static row => row.IsReturn).Select(static row => row.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void EveryRowIsFoundByItsOwnName()
        => Assert.All(SectionTable.Rows, static row => Assert.Same(row, SectionTable.Find(row.Name)));
}
