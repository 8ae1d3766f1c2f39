using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Parsing;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>The compiled structs against BTF, which is read here by itself: sizes, offsets, every bit of every bitfield.</summary>
public sealed class LayoutTests
{
    private const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    [Theory]
    [InlineData("Events", 1)]
    [InlineData("Layouts", 10)]
    [InlineData("Sums", 5)]
    [InlineData("Reserved", 5)]
    public void Structs_are_as_BTF_says(string carrier, int atLeast)
    {
        Type skeleton = CompiledSkeleton.Of(carrier);
        BtfTypes types = TypesOf(carrier);
        int compared = 0;
        for (int id = 1; id < types.Count; id++)
        {
            BtfType type = types[id];
            string name = CSharpNames.ToPascalCase(type.Name);
            if (type.IsComposite && type.Name.Length > 0 && (skeleton.GetNestedType(name + "Type") ?? skeleton.GetNestedType(name)) is { IsValueType: true } compiled)
            {
                AssertStruct(types, type, 0, compiled);
                Assert.Equal((int)type.Size, new ValueProbe(compiled).Size);
                compared++;
            }
        }

        Assert.True(compared >= atLeast, $"only {compared} structs were compared");
    }

    [Theory]
    [InlineData("Events")]
    [InlineData("Layouts")]
    [InlineData("Sums")]
    [InlineData("Reserved")]
    public void The_layout_model_is_what_was_compiled(string carrier)
    {
        Type skeleton = CompiledSkeleton.Of(carrier);
        SkeletonModel model = SkeletonParser.Parse(CarrierFile.TextOf(carrier), carrier).Skeleton!;

        Assert.All(model.Structs.Select(type => type.Layout), layout =>
        {
            Type compiled = skeleton.GetNestedType(layout.TypeName)!;
            Assert.Equal(layout.Size, new ValueProbe(compiled).Size);
            Assert.Equal(
                layout.Fields.Select(field => (field.Name, field.Offset, field.Size)).Order(),
                compiled.GetFields(AllFields).Select(field => (field.Name, OffsetOf(field), new ValueProbe(field.FieldType).Size)).Order());
        });
        Assert.All(model.Arrays, array => Assert.Equal(array.Size, new ValueProbe(skeleton.GetNestedType(array.Name)!).Size));
        Assert.All(model.Texts, text => Assert.Equal(text.Length, new ValueProbe(skeleton.GetNestedType(text.Name)!).Size));
    }

    [Theory]
    [InlineData("bits")]
    [InlineData("packed_bits")]
    public void Bitfields_read_and_write_their_bits_and_no_others(string name)
    {
        BtfTypes types = TypesOf("Layouts");
        BtfType type = types[types.Find(name, BtfKind.Struct)];
        var probe = new ValueProbe(CompiledSkeleton.Of("Layouts").GetNestedType(CSharpNames.ToPascalCase(name))!);
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            byte[] bytes = new byte[probe.Size];
            random.NextBytes(bytes);
            for (int i = 0; i < type.Length; i++)
            {
                if (type.Member(i).BitfieldSize > 0)
                {
                    AssertBitfield(types, type.Member(i), probe, bytes, random);
                }
            }
        }
    }

    [Fact]
    public void Network_order_is_swapped_only_in_the_accessor()
    {
        var probe = new ValueProbe(CompiledSkeleton.Of("Layouts").GetNestedType("Flow")!);
        byte[] bytes = new byte[probe.Size];
        byte[] changed = probe.Set(bytes, "SaddrHostOrder", 0x7f000001u);

        Assert.Equal([0x7f, 0, 0, 1], changed[..4]);
        Assert.Equal(0x7f000001u, probe.Get(changed, "SaddrHostOrder"));
        Assert.Equal([1, 0xbb], probe.Set(bytes, "DportHostOrder", (ushort)443)[18..20]);
    }

    [Fact]
    public void Booleans_are_bytes()
    {
        var probe = new ValueProbe(CompiledSkeleton.Of("Layouts").GetNestedType("Flow")!);
        byte[] bytes = new byte[probe.Size];
        bytes[21] = 2;

        Assert.Equal(true, probe.Get(bytes, "IsLocal"));
        Assert.Equal(1, probe.Set(bytes, "IsLocal", true)[21]);
        Assert.Equal(0, probe.Set(bytes, "IsLocal", false)[21]);
    }

    [Theory]
    [InlineData("bash\0rest", "bash")]
    [InlineData("", "")]
    [InlineData("0123456789abcdef", "0123456789abcdef")]
    [InlineData("naïve\0", "naïve")]
    public void Text_ends_at_its_nul_or_fills_its_bytes(string content, string expected)
    {
        var probe = new ValueProbe(CompiledSkeleton.Of("Layouts").GetNestedType("Text16")!);
        byte[] bytes = new byte[16];
        System.Text.Encoding.UTF8.GetBytes(content, bytes);

        object text = probe.FromBytes(bytes);

        Assert.Equal(expected, text.ToString());
        Assert.Equal(text, probe.FromBytes([.. System.Text.Encoding.UTF8.GetBytes(expected), .. new byte[16]]));
    }

    [Fact]
    public void Enums_have_the_size_and_sign_of_C()
    {
        Type skeleton = CompiledSkeleton.Of("Layouts");

        Assert.Equal(typeof(byte), Enum.GetUnderlyingType(skeleton.GetNestedType("Small")!));
        Assert.Equal(typeof(int), Enum.GetUnderlyingType(skeleton.GetNestedType("Negative")!));
        Assert.Equal(typeof(ulong), Enum.GetUnderlyingType(skeleton.GetNestedType("Wide")!));
        Assert.Equal(-5, Convert.ToInt32(Enum.Parse(skeleton.GetNestedType("Negative")!, "Below")));
        Assert.Equal(0x8000000000000000UL, Convert.ToUInt64(Enum.Parse(skeleton.GetNestedType("Wide")!, "WideHigh")));
    }

    private static void AssertStruct(BtfTypes types, BtfType type, uint baseBits, Type compiled)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            string name = CSharpNames.ToPascalCase(types.GetString(member.NameOffset));
            uint bits = baseBits + member.BitOffset;
            if (member.NameOffset == 0)
            {
                AssertStruct(types, types[types.SkipModifiers(member.TypeId)], bits, compiled);
            }
            else if (member.BitfieldSize == 0 && types.SizeOf(member.TypeId) > 0)
            {
                FieldInfo? field = compiled.GetField(name, AllFields) ?? compiled.GetField(name + "Field", AllFields) ?? compiled.GetField("_raw" + name, AllFields);
                Assert.True(field is not null, $"{compiled.Name}.{name} is missing");
                Assert.Equal((int)(bits / 8), OffsetOf(field));
                Assert.Equal((int)types.SizeOf(member.TypeId), new ValueProbe(field.FieldType).Size);
            }
        }
    }

    private static void AssertBitfield(BtfTypes types, BtfMember member, ValueProbe probe, byte[] bytes, Random random)
    {
        string name = CSharpNames.ToPascalCase(types.GetString(member.NameOffset));
        int width = (int)member.BitfieldSize;
        int offset = (int)member.BitOffset;
        PropertyInfo property = probe.Type.GetProperty(name)!;
        Assert.Equal(Extract(bytes, offset, width), Raw(probe.Get(bytes, name), width));

        byte[] wanted = [.. bytes];
        for (int bit = offset; bit < offset + width; bit++)
        {
            wanted[bit / 8] = (byte)((wanted[bit / 8] & ~(1 << (bit % 8))) | (random.Next(2) << (bit % 8)));
        }

        Assert.Equal(wanted, probe.Set(bytes, name, probe.Get(wanted, name)));
        Assert.Equal(property.PropertyType, probe.Get(bytes, name).GetType());
    }

    private static ulong Extract(byte[] bytes, int offset, int width)
    {
        ulong value = 0;
        for (int bit = 0; bit < width; bit++)
        {
            value |= (ulong)((bytes[(offset + bit) / 8] >> ((offset + bit) % 8)) & 1) << bit;
        }

        return value;
    }

    private static ulong Raw(object value, int width)
    {
        BigInteger number = value switch
        {
            bool flag => flag ? 1 : 0,
            Enum constant => new BigInteger(Convert.ToInt64(constant)),
            ulong wide => new BigInteger(wide),
            _ => new BigInteger(Convert.ToInt64(value)),
        };
        return (ulong)(number & ((BigInteger.One << width) - 1));
    }

    private static int OffsetOf(FieldInfo field) => field.GetCustomAttribute<FieldOffsetAttribute>()!.Value;

    private static BtfTypes TypesOf(string carrier)
        => BpfObjectSpec.Read(CarrierReader.Read(CarrierFile.TextOf(carrier)).Image, carrier).Btf!;
}
