using Hypermesh.Bpf.Objects;
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
    public void The_types_are_those_of_libbpf(string name, string program, string attach)
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
    public void Every_row_is_compared_alone_and_with_a_target()
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
    public void Every_row_is_found_by_its_own_name()
        => Assert.All(SectionTable.Rows, static row => Assert.Same(row, SectionTable.Find(row.Name)));

    [Theory]
    [InlineData("xdp", BpfProgramType.Xdp, AttachKind.Xdp, null)]
    [InlineData("xdp/anything", BpfProgramType.Unspec, AttachKind.None, null)]
    [InlineData("xdp/devmap", BpfProgramType.Xdp, AttachKind.MapEntry, null)]
    [InlineData("tp_btf/sched_switch", BpfProgramType.Tracing, AttachKind.Trace, "sched_switch")]
    [InlineData("tp_btf", BpfProgramType.Tracing, AttachKind.Trace, null)]
    [InlineData("tracepoint/sched/sched_switch", BpfProgramType.Tracepoint, AttachKind.Tracepoint, "sched/sched_switch")]
    [InlineData("tp_btfx/y", BpfProgramType.Unspec, AttachKind.None, null)]
    [InlineData("kprobe.multi/tcp_*", BpfProgramType.KProbe, AttachKind.KProbeMulti, "tcp_*")]
    [InlineData("cgroup/sock_create", BpfProgramType.CGroupSock, AttachKind.CGroup, null)]
    [InlineData("lsm_cgroup/socket_bind", BpfProgramType.Lsm, AttachKind.CGroup, "socket_bind")]
    internal void A_section_name_decides_type_and_target_of_its_programs(string section, BpfProgramType type, AttachKind attach, string? target)
    {
        SectionDefinition row = SectionTable.Find(section);

        Assert.Equal((type, attach, target), (row.ProgramType, row.Attach, row.TargetOf(section)));
    }

    [Fact]
    public void No_row_hides_a_later_one()
    {
        for (int i = 0; i < SectionTable.Rows.Count; i++)
        {
            Assert.Same(SectionTable.Rows[i], SectionTable.Find(SectionTable.Rows[i].Name));
        }
    }
}
