using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.BtfSanitizing;

namespace Hypermesh.Bpf.Tests.Unit.Objects.BtfSanitizing;

/// <summary>The types of an object as they are given to the kernel.</summary>
public sealed class LoadableBtfTests
{
    [Fact]
    public void The_kernel_gets_variables_of_a_map_and_no_section_with_functions()
    {
        BtfTypes types = BtfTypes.Read(LoadableBtf.Create(BpfObjectSpec.Read(TestData.Bytes("externs.bpf.o"), "externs"))!, "loadable");

        BtfType config = types[types.Find(".kconfig", BtfKind.DataSection)];
        Assert.Equal(33u, config.Size);
        uint end = 0;
        for (int i = 0; i < config.Length; i++)
        {
            BtfSectionVariable entry = config.SectionVariable(i);
            Assert.True(entry.Offset >= end, $"entry {i} at {entry.Offset}");
            Assert.Equal(1, types[entry.TypeId].Linkage);
            end = entry.Offset + entry.Size;
        }

        Assert.Equal(0, types.Find(".ksyms", BtfKind.DataSection));
        BtfType function = types[types.Find("function___flavour", BtfKind.Function)];
        Assert.Equal(1, function.Linkage);
        Assert.NotEqual(0u, types[function.TypeId].Parameter(1).NameOffset);
        Assert.Equal(1, types[types.Find("untyped", BtfKind.Variable)].Linkage);
        Assert.Equal(BtfKind.Int, types[types[types.Find("variable", BtfKind.Variable)].TypeId].Kind);
    }
}
