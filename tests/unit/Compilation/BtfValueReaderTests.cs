using System.Diagnostics;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Tests.Unit.Support;

namespace Hypermesh.Bpf.Tests.Unit.Compilation;

/// <summary>Bytes as values of their types.</summary>
public sealed class BtfValueReaderTests
{
    private readonly BtfBuilder _types = new();
    private readonly int _int;
    private readonly int _unsigned;

    public BtfValueReaderTests()
    {
        _int = _types.Int("int", 4, BtfIntEncoding.Signed);
        _unsigned = _types.Int("unsigned int", 4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bit_fields_have_the_sign_of_their_type(bool isLittleEndian)
    {
        int signed = _types.Enum("signed_kind", true, ("BELOW", -1), ("ABOVE", 3));
        int unsigned = _types.Enum("unsigned_kind", false, ("SEVEN", 7), ("FIFTEEN", 15));
        int flag = _types.Int("_Bool", 1, BtfIntEncoding.Bool);
        int wide = _types.Int("long", 8, BtfIntEncoding.Signed);
        int type = _types.Bitfields(
            "bits", 16, ("a", _int, 0, 3), ("b", _int, 3, 3), ("c", _unsigned, 6, 3), ("d", signed, 9, 3), ("e", unsigned, 12, 3), ("f", flag, 15, 1), ("g", _types.Typedef("s32", _types.Const(_int)), 16, 16),
            ("h", wide, 64, 63), ("i", wide, 127, 1));
        var value = new System.Numerics.BigInteger();
        var big = new System.Numerics.BigInteger();
        foreach ((long field, int at, int bits) in new (long, int, int)[] { (-1, 0, 3), (3, 3, 3), (7, 6, 3), (-1, 9, 3), (7, 12, 3), (1, 15, 1), (-300, 16, 16), (-5, 64, 63), (-1, 127, 1) })
        {
            System.Numerics.BigInteger plain = field & (long)((1ul << bits) - 1);
            value |= plain << at;
            big |= plain << (128 - at - bits);
        }

        byte[] bytes = (isLittleEndian ? value : big).ToByteArray(isUnsigned: true, isBigEndian: !isLittleEndian);
        Array.Resize(ref bytes, 16);

        Assert.Equal("{a = -1, b = 3, c = 7, d = \"BELOW\", e = \"SEVEN\", f = true, g = -300, h = -5, i = -1}", Read(type, bytes, isLittleEndian));
    }

    [Fact]
    public void A_constant_that_a_bit_field_cannot_hold_is_not_its_value()
    {
        int unsigned = _types.Enum("kind", false, ("EIGHT", 8), ("NINE", 9));
        int signed = _types.Enum("signs", true, ("SEVEN", 7), ("BELOW", -8));
        int type = _types.Bitfields("bits", 4, ("a", unsigned, 0, 3), ("b", signed, 3, 3), ("c", unsigned, 6, 4));
        Assert.Equal("{a = 0, b = -1, c = \"NINE\"}", Read(type, [0b01_111_000, 0b10, 0, 0]));
    }

    [Fact]
    public void Small_enums_before_the_kind_flag_have_their_negative_constants()
    {
        int old = _types.Add(BtfKind.Enum, "old", 1, 1, _types.String("BELOW"), uint.MaxValue);
        int type = _types.Struct("s", 2, ("a", old, 0), ("b", old, 8));
        Assert.Equal("{a = \"BELOW\", b = 1}", Read(type, [0xff, 1]));
    }

    [Fact]
    public void Bits_an_integer_states_itself_are_read_as_such()
    {
        int bits = _types.Add(BtfKind.Int, "bits", 0, 4, ((uint)BtfIntEncoding.Signed << 24) | (5u << 16) | 3);
        int type = _types.Struct("old", 4, ("a", bits, 0));
        Assert.Equal("{a = -2}", Read(type, [0b110_00000, 0, 0, 0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("u")]
    public void Unions_of_two_unions_thirty_deep_are_shown_as_bytes_at_once(string name)
    {
        int inner = _int;
        for (int i = 0; i < 30; i++)
        {
            inner = _types.Union(name.Length > 0 ? name + i : "", 4, (name.Length > 0 ? "a" : "", inner, 0), (name.Length > 0 ? "b" : "", inner, 0));
        }

        IsBytes(inner, [1, 2, 3, 4], "0x01020304");
    }

    [Fact]
    public void A_union_of_thousands_of_long_texts_is_shown_as_bytes_at_once()
    {
        int text = _types.Array(_types.Int("char", 1, BtfIntEncoding.Signed), 60_000);
        int type = _types.Union("all", 60_000, [.. Enumerable.Range(0, 60_000).Select(i => ($"m{i}", text, 0u))]);
        byte[] bytes = new byte[60_000];
        bytes.AsSpan().Fill((byte)'x');
        IsBytes(type, bytes, "0x" + BtfValueReader.Hex(bytes));
    }

    [Fact]
    public void An_array_larger_than_its_bytes_ends_with_them()
    {
        int huge = _types.Array(_types.Array(_int, 1u << 30), 1u << 8);
        int type = _types.Struct("s", 8, ("a", huge, 0), ("b", _types.Array(_int, 1u << 30), 0));
        Assert.Equal("{a = [], b = [1, 2]}", Read(type, [1, 0, 0, 0, 2, 0, 0, 0]));
    }

    [Fact]
    public void A_type_that_nests_without_end_is_shown_as_bytes()
    {
        int type = _types.Struct("a", 4, ("in", 3, 0));
        Assert.Contains("0100", Read(type, [1, 0, 0, 0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Strings_end_where_their_quotes_do()
    {
        int type = _types.Struct("s", 24, ("t", _types.Array(_types.Int("char", 1, BtfIntEncoding.Signed), 16), 0), ("d", _types.Float("double", 8), 128));
        byte[] bytes = new byte[24];
        "0x1\", d = \\"u8.CopyTo(bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(16), double.NaN);
        Assert.Equal("""{t = "0x1\", d = \\", d = "NaN"}""", Read(type, bytes));
    }

    private string Read(int type, byte[] bytes, bool isLittleEndian = true)
    {
        JsonNode? value = new BtfValueReader(_types.Types("map", isLittleEndian: isLittleEndian)).Read(type, bytes);
        Assert.NotEqual("", value!.ToJsonString());
        return BtfValueReader.Text(value);
    }

    private void IsBytes(int type, byte[] bytes, string shown)
    {
        var reader = new BtfValueReader(_types.Types());
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        string text = BtfValueReader.Text(reader.Read(type, bytes));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256L << 20);
        Assert.Equal(shown, text);
    }
}
