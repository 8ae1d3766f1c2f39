using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Linking;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Objects.Tracepoints;

namespace Hypermesh.Bpf.Tests.Unit.Objects.ProgramLinking;

/// <summary>What the spec says of a compiled object, and how its programs are put together.</summary>
public sealed class LinkTests
{
    private readonly BpfObjectSpec _spec = BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");

    [Fact]
    public void TheSpecHasWhatTheCDeclares()
    {
        Assert.Equal("Dual BSD/GPL", _spec.License);
        BpfMapSpec map = Assert.Single(_spec.Maps);
        Assert.Equal(("events", BpfMapType.Hash, 4u, 20u, 16u), (map.Name, map.Type, map.KeySize, map.ValueSize, map.MaxEntries));
        Assert.Equal([".bss", ".data", ".rodata"], _spec.DataSections.Select(static section => section.Name).Order());
        Assert.Equal(5ul, _spec.DataSection(".rodata").Read<ulong>(_spec.DataSection(".rodata").FindVariable("threshold")!.Offset));
        Assert.True(_spec.DataSection(".bss").FindVariable("zeroes")!.IsStatic);
        BpfProgramSpec second = _spec.Program("second");
        Assert.Equal(("raw_tp/sched_switch", "sched_switch", false, BpfProgramType.RawTracepoint), (second.SectionName, second.Target, second.Enabled, second.Type));
    }

    [Fact]
    public void AFunctionStandsBehindTheProgramAndTheCallReachesIt()
    {
        LinkedProgram linked = Link("second");

        Assert.Equal(2, linked.Functions.Length);
        int callee = (int)linked.Functions[1].Index;
        int call = Array.FindIndex(linked.Instructions, static instruction => instruction.IsCall && instruction.Source == BpfOpCode.PseudoCall);
        Assert.Equal(callee, call + 1 + linked.Instructions[call].Immediate);
        Assert.Equal(BpfOpCode.Exit, linked.Instructions[callee - 1].OpCode);
    }

    [Fact]
    public void LinesMoveWithTheFunctions()
    {
        LinkedProgram linked = Link("second");
        BtfTypes types = _spec.Btf!;
        int update = Array.FindLastIndex(linked.Instructions, static instruction => instruction.IsCall && instruction.Source == 0);

        Assert.Contains("bpf_map_update_elem", types.GetString(linked.LineOf(update)!.Value.TextOffset), StringComparison.Ordinal);
        Assert.Contains("note(7)", types.GetString(linked.LineOf(0)!.Value.TextOffset), StringComparison.Ordinal);
    }

    [Fact]
    public void ReferencesNameTheirMapsAndSections()
    {
        LinkedProgram linked = Link("second");

        Assert.Contains(linked.References, static reference => reference.Map?.Name == "events");
        Assert.Contains(linked.References, static reference => reference.Section?.Name == ".data");
        Assert.All(linked.References, reference => Assert.True(linked.Instructions[reference.Index].IsWideLoad));
    }

    [Fact]
    public void AFunctionThatCouldNotBeRelocatedIsNotTakenHalfDone()
    {
        var linker = new ProgramLinker(_spec, []);
        BpfProgramSpec program = _spec.Programs.First(program => Record.Exception(() => new ProgramLinker(_spec, []).Link(program)) is not null);

        BpfException first = Assert.Throws<BpfException>(() => linker.Link(program));
        Assert.Equal(first.Message, Assert.Throws<BpfException>(() => linker.Link(program)).Message);
    }

    [Fact]
    public void TwoProgramsOfOneNameAreADamagedFile()
    {
        byte[] image = TestData.Bytes("small.bpf.o").ToArray();
        Span<byte> rest = image;
        for (int at = rest.IndexOf("\0second\0"u8); at >= 0; at = rest.IndexOf("\0second\0"u8))
        {
            "first\0"u8.CopyTo(rest[(at + 1)..]);
        }

        Assert.Contains("'first'", Assert.Throws<BpfObjectFormatException>(() => BpfObjectSpec.Read(image, "twice")).Message, StringComparison.Ordinal);
    }

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
    public void ASectionNameSaysWhatItsProgramsAre(string section, BpfProgramType type, AttachKind attach, string? target)
    {
        SectionDefinition row = SectionTable.Find(section);

        Assert.Equal((type, attach, target), (row.ProgramType, row.Attach, row.TargetOf(section)));
    }

    [Fact]
    public void NoRowOfTheTableHidesALaterOne()
    {
        for (int i = 0; i < SectionTable.Rows.Count; i++)
        {
            Assert.Same(SectionTable.Rows[i], SectionTable.Find(SectionTable.Rows[i].Name));
        }
    }

    [Theory]
    [InlineData("exec", ".rodata", "exec.rodata")]
    [InlineData("a_long_object", ".rodata", "a_long_o.rodata")]
    [InlineData("a_long_object", ".bss", "a_long_o.bss")]
    [InlineData("x", ".data.a_very_long_section", ".data.a_very_lo")]
    [InlineData("object", ".data.own", ".data.own")]
    [InlineData("my-object", ".kconfig", "my_obje.kconfig")]
    public void KernelNamesKeepTheSectionReadable(string name, string section, string expected)
        => Assert.Equal(expected, KernelName.OfSection(name, section));

    private LinkedProgram Link(string program)
        => new ProgramLinker(_spec, [TestData.Btf(_spec.Elf)]).Link(_spec.Program(program));
}
