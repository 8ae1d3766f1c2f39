namespace Hypermesh.Bpf.Tests.Kernel.Globals;

/// <summary>A data section whose last array is sized before the load.</summary>
public sealed class SectionSizeTests : MapsInUseTest
{
    [Fact]
    [Row("maps", "resize a data section (set_value_size on .bss.x, last array variable)")]
    public void The_last_array_of_a_section_has_the_length_the_spec_says()
    {
        BpfObject live = Open(spec =>
        {
            spec.DataSection(".data.sized").Resize(8 + (1000 * 8));
            spec.DataSection(".data.sized").Write(8 + (999 * 8), 90ul);
            spec.DataSection(".rodata").Write(0, 1000ul);
            Assert.Throws<BpfException>(() => spec.DataSection(".data.sized").Resize(8));
            Assert.Throws<BpfException>(() => spec.DataSection(".data.sized").Resize(21));
            Assert.Throws<BpfException>(() => spec.DataSection(".rodata").Resize(64));
        });
        BpfProgram set = Program(live, "set_sized");
        Assert.Equal([11, 5, 95, -1], new ulong[] { 0, 500, 999, 1000 }.Select(set.Run));
        Assert.Equal(95ul, live.GetSection(".data.sized").Read<ulong>(8 + (999 * 8)));
        Assert.True(live.GetSection(".data.sized").Map.Definition.ValueTypeId != 0, "its types were given up");
    }
}
