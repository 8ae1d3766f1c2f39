using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Spec;

/// <summary>What the spec says of a compiled object, and what no object can have.</summary>
public sealed class BpfObjectSpecTests
{
    [Fact]
    public void The_spec_has_what_the_C_declares()
    {
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");
        Assert.Equal("Dual BSD/GPL", spec.License);
        BpfMapSpec map = Assert.Single(spec.Maps);
        Assert.Equal(("events", BpfMapType.Hash, 4, 20, 16u), (map.Name, map.Type, map.KeySize, map.ValueSize, map.MaxEntries));
        Assert.Equal([".bss", ".data", ".rodata"], spec.DataSections.Select(static section => section.Name).Order());
        Assert.Equal(5ul, spec.DataSection(".rodata").Read<ulong>(spec.DataSection(".rodata").FindVariable("threshold")!.Offset));
        Assert.True(spec.DataSection(".bss").FindVariable("zeroes")!.IsStatic);
        BpfProgramSpec second = spec.Program("second");
        Assert.Equal(("raw_tp/sched_switch", "sched_switch", false, BpfProgramType.RawTracepoint), (second.SectionName, second.Target, second.Enabled, second.Type));
    }

    [Fact]
    public void Two_programs_of_one_name_are_a_damaged_file()
    {
        byte[] image = TestData.Bytes("small.bpf.o").ToArray();
        Span<byte> rest = image;
        for (int at = rest.IndexOf("\0second\0"u8); at >= 0; at = rest.IndexOf("\0second\0"u8))
        {
            "first\0"u8.CopyTo(rest[(at + 1)..]);
        }

        Assert.Contains("'first'", Assert.Throws<BpfObjectFormatException>(() => BpfObjectSpec.Read(image, "twice")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_object_has_one_arena_at_most()
    {
        BpfObjectFormatException refusal = Assert.Throws<BpfObjectFormatException>(() => BpfObjectSpec.Read(TestData.Bytes("two-arenas.bpf.o"), "two-arenas"));

        Assert.Contains("can have only one arena", refusal.Message, StringComparison.Ordinal);
    }
}
