using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Btf;

/// <summary>Reading BTF: names, sizes, both byte orders, split BTF, and blobs that lie.</summary>
public sealed class BtfTypesTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_part_of_a_type_is_read_in_either_byte_order(bool isLittleEndian)
    {
        var builder = new BtfBuilder();
        int number = builder.Int("int", 4, BtfIntEncoding.Signed);
        int list = builder.Array(number, 6);
        int flags = builder.Bitfields("flags", 8, ("a", number, 3, 5), ("b", list, 32, 0));
        int state = builder.Enum("state", true, ("LOW", -2), ("HIGH", 2));
        int wide = builder.Enum64("wide", false, ("BIG", 0xfedcba9876543210));
        int call = builder.Prototype(number, flags, 0);
        BtfTypes types = builder.Types(isLittleEndian: isLittleEndian);

        Assert.Equal(call + 1, types.Count);
        Assert.Equal((BtfKind.Int, "int", 4u, 32, BtfIntEncoding.Signed), (types[number].Kind, types[number].Name, types[number].Size, types[number].IntBits, types[number].IntEncoding));
        Assert.Equal(new BtfArray(number, 1, 6), types[list].Array);
        BtfMember a = types[flags].Member(0);
        Assert.Equal((3u, 5u, number, "a"), (a.BitOffset, a.BitfieldSize, a.TypeId, types.GetString(a.NameOffset)));
        Assert.Equal((32u, 0u), (types[flags].Member(1).BitOffset, types[flags].Member(1).BitfieldSize));
        Assert.Equal(unchecked((ulong)-2), types[state].EnumValue(0).Value);
        Assert.Equal(0xfedcba9876543210, types[wide].EnumValue(0).Value);
        Assert.Equal((number, flags, 0), (types[call].TypeId, types[call].Parameter(0).TypeId, types[call].Parameter(1).TypeId));
        Assert.Throws<ArgumentOutOfRangeException>(() => types[flags].Member(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => types[types.Count]);
    }

    [Fact]
    public void Sizes_go_through_modifiers_and_arrays()
    {
        var builder = new BtfBuilder();
        int number = builder.Int("int", 4);
        int nested = builder.Array(builder.Typedef("row", builder.Const(builder.Array(number, 3))), 5);
        int pointer = builder.Pointer(nested);
        int ahead = builder.Forward("ahead");
        int huge = builder.Array(builder.Array(builder.Array(number, uint.MaxValue), uint.MaxValue), 2);
        BtfTypes types = builder.Types();

        Assert.Equal((60L, 8L, 0L), (types.SizeOf(nested), types.SizeOf(pointer), types.SizeOf(0)));
        Assert.Contains("only declared", Assert.Throws<BpfObjectFormatException>(() => types.SizeOf(ahead)).Message);
        Assert.Contains("larger than 1 TiB", Assert.Throws<BpfObjectFormatException>(() => types.SizeOf(huge)).Message);
    }

    [Fact]
    public void A_type_that_refers_to_itself_is_an_error()
    {
        var builder = new BtfBuilder();
        int circle = builder.Typedef("a", 2);
        builder.Typedef("b", 1);
        int array = builder.Array(3, 1);
        BtfTypes types = builder.Types();

        Assert.Throws<BpfObjectFormatException>(() => types.SkipModifiers(circle));
        Assert.Throws<BpfObjectFormatException>(() => types.SizeOf(circle));
        Assert.Throws<BpfObjectFormatException>(() => types.SizeOf(array));
    }

    // Names are hashed by their first 16 bytes, read at once; a flavour may begin anywhere in or across them.
    [Theory]
    [InlineData("a")]
    [InlineData("seven77")]
    [InlineData("exactly8")]
    [InlineData("ends_in_")]
    [InlineData("__u32")]
    [InlineData("_____")]
    [InlineData("fifteen_letters")]
    [InlineData("sixteen_letters_")]
    [InlineData("sixteen_letters__")]
    [InlineData("a_much_longer_name_than_that")]
    public void Every_name_is_found_with_and_without_a_flavour(string name)
    {
        var builder = new BtfBuilder();
        int plain = builder.Struct(name, 4);
        int flavoured = builder.Struct(name + "___old", 4);
        int last = builder.Struct("z", 4);
        BtfTypes types = builder.Types();

        Assert.Equal((plain, flavoured, last), (types.Find(name, BtfKind.Struct), types.Find(name + "___old", BtfKind.Struct), types.Find("z", BtfKind.Struct)));
        var ids = new List<int>();
        types.FindEssential(BtfName.Essential(System.Text.Encoding.UTF8.GetBytes(name)), ids);
        Assert.Contains(plain, ids);
        Assert.Equal(!name.EndsWith('_'), ids.Contains(flavoured));
    }

    [Fact]
    public void Void_has_no_parts()
    {
        BtfType nothing = new BtfBuilder().Types()[0];
        Assert.Equal((BtfKind.Void, "", 0, false), (nothing.Kind, nothing.Name, nothing.Length, nothing.KindFlag));
        var builder = new BtfBuilder();
        builder.Struct("pair", 8, ("a", 2, 0), ("b", 2, 32));
        builder.Int("int", 4);
        Assert.Equal(0, builder.Types()[0].Length);
    }

    [Fact]
    public void Names_are_found_with_or_without_their_flavour()
    {
        var builder = new BtfBuilder();
        var expected = new Dictionary<string, int>();
        for (int i = 0; i < 5000; i++)
        {
            expected.Add($"type_{i}", builder.Struct($"type_{i}", 4));
        }

        int flavour = builder.Struct("type_77___old", 4);
        int typedef = builder.Typedef("type_77", 1);
        BtfTypes types = builder.Types();

        Assert.All(expected, e => Assert.Equal(e.Value, types.Find(e.Key, BtfKind.Struct)));
        Assert.Equal((0, 0), (types.Find("type_5000", BtfKind.Struct), types.Find("", BtfKind.Struct)));
        Assert.Equal((typedef, flavour), (types.Find("type_77", BtfKind.Typedef), types.Find("type_77___old", BtfKind.Struct)));
        var ids = new List<int>();
        types.FindEssential("type_77"u8, ids);
        Assert.Equal([expected["type_77"], flavour, typedef], ids);
    }

    [Fact]
    public void A_name_is_found_wherever_it_begins_and_however_long_it_is()
    {
        for (int before = 0; before < 9; before++)
        {
            var builder = new BtfBuilder();
            builder.Struct(new string('b', before + 1), 4);
            var expected = new List<(string Name, int Plain, int Flavour)>();
            for (int length = 1; length < 20; length++)
            {
                string name = new('n', length);
                expected.Add((name, builder.Struct(name, 4), builder.Struct(name + "___v2", 4)));
            }

            BtfTypes types = builder.Types();
            foreach ((string name, int plain, int flavour) in expected)
            {
                var ids = new List<int>();
                types.FindEssential(System.Text.Encoding.UTF8.GetBytes(name), ids);
                Assert.Equal([plain, flavour], ids);
                Assert.Equal((plain, flavour), (types.Find(name, BtfKind.Struct), types.Find(name + "___v2", BtfKind.Struct)));
            }
        }
    }

    [Theory]
    [InlineData("task___v5", "task")]
    [InlineData("task", "task")]
    [InlineData("a___b___c", "a___b")]
    [InlineData("___task", "___task")]
    [InlineData("task___", "task___")]
    [InlineData("task____x", "task____x")]
    [InlineData("", "")]
    public void A_flavour_follows_three_underscores(string name, string essential)
        => Assert.Equal(essential, System.Text.Encoding.UTF8.GetString(BtfName.Essential(System.Text.Encoding.UTF8.GetBytes(name))));

    [Fact]
    public void The_types_of_a_module_continue_those_of_the_kernel()
    {
        var kernelBuilder = new BtfBuilder();
        int number = kernelBuilder.Int("int", 4);
        BtfTypes kernel = kernelBuilder.Types();
        var moduleBuilder = new BtfBuilder(kernelBuilder);
        int own = moduleBuilder.Struct("own", 4, ("value", number, 0));
        BtfTypes module = moduleBuilder.Types("module", kernel);

        Assert.Equal((kernel.Count, own, "own"), (module.FirstId, module.Find("own", BtfKind.Struct), module[own].Name));
        Assert.Equal((number, "int", 4L), (module.Find("int", BtfKind.Int), module[number].Name, module.SizeOf(own)));
    }

    [Fact]
    public void A_file_cut_anywhere_is_rejected_with_the_place()
    {
        var builder = new BtfBuilder();
        int number = builder.Int("int", 4);
        builder.Struct("pair", 8, ("a", number, 0), ("b", number, 32));
        byte[] blob = builder.Build();
        for (int length = 0; length < blob.Length; length++)
        {
            BpfObjectFormatException e = Assert.Throws<BpfObjectFormatException>(() => BtfTypes.Read(blob.AsMemory(0, length), "cut"));
            Assert.Equal(("cut", ".BTF"), (e.FileName, e.SectionName));
            Assert.NotNull(e.Offset);
        }
    }

    [Theory]
    [InlineData(0, 0x12345678u)]   // magic
    [InlineData(4, 8u)]            // header length
    [InlineData(4, 0xffffffffu)]
    [InlineData(8, 0xffffffffu)]   // where the types begin
    [InlineData(12, 0xffffffffu)]  // how long they are
    [InlineData(12, 15u)]
    [InlineData(16, 0xffffffffu)]  // where the strings begin
    [InlineData(20, 0u)]           // how long they are
    [InlineData(20, 0xffffffffu)]
    [InlineData(28, 0x1f000000u)]  // kind of the first type
    [InlineData(28, 0x0400ffffu)]  // a struct of 65535 members
    public void A_wrong_header_or_record_is_rejected(int at, uint value)
    {
        var builder = new BtfBuilder();
        builder.Int("int", 4);
        byte[] blob = builder.Build();
        BitConverter.TryWriteBytes(blob.AsSpan(at), value);

        Assert.Equal(".BTF", Assert.Throws<BpfObjectFormatException>(() => BtfTypes.Read(blob, "lies")).SectionName);
    }

    [Fact]
    public void A_reference_out_of_range_is_rejected_when_it_is_followed()
    {
        var builder = new BtfBuilder();
        int pointer = builder.Pointer(99);
        int unnamed = builder.Add(BtfKind.Typedef, "", 0, pointer > 0 ? 1u : 0);
        byte[] blob = builder.Build();
        BitConverter.TryWriteBytes(blob.AsSpan(24 + 12), 5000u);
        BtfTypes types = BtfTypes.Read(blob, "lies");

        Assert.Contains("type 99 does not exist", Assert.Throws<BpfObjectFormatException>(() => types[pointer].TypeId).Message);
        Assert.Throws<BpfObjectFormatException>(() => types[unnamed].Name);
    }
}
