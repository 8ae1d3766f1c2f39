using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Spec;

/// <summary>The sizes of a map, as the C states them and as code changes them.</summary>
public sealed class MapDefinitionTests
{
    [Theory]
    [InlineData("key_size", "key")]
    [InlineData("value_size", "value")]
    public void A_size_has_31_bits(string member, string what)
    {
        BpfMapSpec largest = BpfObjectSpec.Read(WithMap(member, int.MaxValue), "sized").Map("map");
        BpfObjectFormatException refusal = Assert.Throws<BpfObjectFormatException>(() => BpfObjectSpec.Read(WithMap(member, 1u << 31), "sized"));

        Assert.Equal(int.MaxValue, member == "key_size" ? largest.KeySize : largest.ValueSize);
        Assert.Contains($"map 'map': a {what} of 2147483648 bytes is larger than the kernel allows", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_size_is_refused_where_it_is_set()
    {
        BpfMapSpec map = BpfObjectSpec.Read(WithMap("key_size", 4), "sized").Map("map");
        map.ValueSize = 8;

        Assert.StartsWith("The key of map map of sized", Assert.Throws<ArgumentOutOfRangeException>("value", () => map.KeySize = -1).Message, StringComparison.Ordinal);
        Assert.StartsWith("The value of map map of sized", Assert.Throws<ArgumentOutOfRangeException>("value", () => map.ValueSize = -1).Message, StringComparison.Ordinal);
        Assert.Equal((4, 8), (map.KeySize, map.ValueSize));
    }

    // A hash map of which the C states the type and this member.
    private static byte[] WithMap(string member, uint number)
    {
        var types = new BtfBuilder();
        int integer = types.Int("int", 4);
        int definition = types.Struct(
            "", 16, ("type", types.Pointer(types.Array(integer, (uint)BpfMapType.Hash)), 0), (member, types.Pointer(types.Array(integer, number)), 64));
        int variable = types.Add(BtfKind.Variable, "map", 0, (uint)definition, 1);
        types.Add(BtfKind.DataSection, ".maps", 1, 16, (uint)variable, 0, 16);
        var elf = new ElfBuilder();
        int maps = elf.Section(".maps", ElfBuilder.Contents, ElfBuilder.Data, new byte[16]);
        elf.Symbol("map", ElfBuilder.GlobalObject, maps, 0, 16);
        elf.Section(".BTF", ElfBuilder.Contents, 0, types.Build());
        return elf.Build();
    }
}
