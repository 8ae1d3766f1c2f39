using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Btf.CSource;

/// <summary>Types as C: order, layout, names, and what is refused.</summary>
public sealed class BtfCWriterTests
{
    private readonly BtfBuilder _builder = new();
    private readonly int _int;
    private readonly int _char;

    public BtfCWriterTests()
    {
        _int = _builder.Int("int", 4, BtfIntEncoding.Signed);
        _char = _builder.Int("char", 1, BtfIntEncoding.Signed);
    }

    [Fact]
    public void Contained_types_come_first_and_pointed_to_types_are_declared()
    {
        // struct outer { struct inner in; }; struct inner { struct outer *back; };
        _builder.Struct("outer", 8, ("in", 4, 0));
        _builder.Struct("inner", 8, ("back", 5, 0));
        _builder.Pointer(3);

        Assert.Equal("struct outer;\n\nstruct inner {\n\tstruct outer *back;\n};\n\nstruct outer {\n\tstruct inner in;\n};\n\n", All());
    }

    [Fact]
    public void Offsets_the_compiler_would_not_choose_are_forced()
    {
        int packed = _builder.Struct("tight", 5, ("a", _char, 0), ("b", _int, 8));
        _builder.Struct("holder", 12, ("a", _char, 0), ("t", packed, 56));
        _builder.Struct("wide", 4096, ("a", _int, 0), ("b", _int, 64), ("c", _int, 16384));
        _builder.Bitfields("bits", 8, ("a", _int, 0, 3), ("b", _int, 7, 4), ("c", _int, 32, 17));
        _builder.Bitfields("across", 5, ("a", _int, 0, 20), ("b", _int, 20, 20));
        _builder.Union("both", 24, ("a", _int, 0), ("b", _char, 0));
        _builder.Struct("nothing", 7);

        string c = All();

        Assert.Contains("struct tight {\n\tchar a;\n\tint b;\n} __attribute__((packed));", c, StringComparison.Ordinal);
        Assert.Contains("\tint a: 3;\n\tlong: 4;\n\tint b: 4;\n\tlong: 21;\n\tint c: 17;", c, StringComparison.Ordinal);
        Clang.Compile(
            c + """
            #define OFF(t, f, n) _Static_assert(__builtin_offsetof(t, f) == n, "")
            #define SIZE(t, n) _Static_assert(sizeof(t) == n, #t)
            SIZE(struct tight, 5); OFF(struct tight, b, 1);
            SIZE(struct holder, 12); OFF(struct holder, t, 7);
            SIZE(struct wide, 4096); OFF(struct wide, b, 8); OFF(struct wide, c, 2048);
            SIZE(struct bits, 8); SIZE(struct across, 5); SIZE(union both, 24); SIZE(struct nothing, 7);
            unsigned long place(void) { union { struct bits b; unsigned long w; } u = { .w = 0 }; u.b.b = 5; u.b.c = 1; return u.w; }
            """);
    }

    [Fact]
    public void Declarators_are_read_from_the_inside_out()
    {
        int prototype = _builder.Prototype(_int, _builder.Pointer(_builder.Const(_char)), 0);
        int table = _builder.Array(_builder.Pointer(prototype), 3);
        int matrix = _builder.Array(_builder.Array(_int, 2), 4);
        int constant = _builder.Const(_builder.Pointer(_builder.Volatile(_int)));
        int tagged = _builder.Pointer(_builder.Add(BtfKind.TypeTag, "user", 0, (uint)_int));
        int restricted = _builder.Add(BtfKind.Restrict, "", 0, (uint)tagged);
        _builder.Struct(
            "all", 120, ("calls", table, 0), ("cells", matrix, 192), ("at", constant, 448), ("u", restricted, 512), ("to", _builder.Pointer(matrix), 576),
            ("list", _builder.Array(_char, 0), 960));
        _builder.Typedef("handler", _builder.Pointer(_builder.Prototype(_builder.Pointer(prototype), _int)));

        string c = All();

        Assert.Contains("int (*calls[3])(const char *, ...);", c, StringComparison.Ordinal);
        Assert.Contains("int cells[4][2];", c, StringComparison.Ordinal);
        Assert.Contains("volatile int *const at;", c, StringComparison.Ordinal);
        Assert.Contains("int __attribute__((btf_type_tag(\"user\"))) *restrict u;", c, StringComparison.Ordinal);
        Assert.Contains("int (*to)[4][2];", c, StringComparison.Ordinal);
        Assert.Contains("char list[0];", c, StringComparison.Ordinal);
        Assert.Contains("typedef int (*(*handler)(int))(const char *, ...);", c, StringComparison.Ordinal);
        Clang.Compile(c + "_Static_assert(sizeof(struct all) == 120, \"\");");
    }

    [Fact]
    public void Clashing_names_are_made_unique_and_foreign_ones_legal()
    {
        _builder.Struct("twin", 4, ("a", _int, 0));
        _builder.Struct("twin", 8, ("a", _int, 0));
        _builder.Union("twin", 4, ("a", _int, 0));
        _builder.Forward("twin");
        _builder.Enum("e", false, ("ONE", 1));
        _builder.Enum("f", false, ("ONE", 1));
        _builder.Typedef("ONE", _int);
        _builder.Struct("Option<u32>", 4, ("0", _int, 0));

        string c = All();

        Assert.Contains("struct twin___2 {", c, StringComparison.Ordinal);
        Assert.Contains("union twin___3 {", c, StringComparison.Ordinal);
        Assert.Contains("ONE___2 = 1", c, StringComparison.Ordinal);
        Assert.Contains("typedef int ONE___3;", c, StringComparison.Ordinal);
        Assert.Contains("struct Option_u32_ {\n\tint _0;", c, StringComparison.Ordinal);
        Clang.Compile(c);
    }

    [Fact]
    public void Enums_keep_their_size_and_their_constants()
    {
        int nameless = _builder.Enum("", false, ("RED", 1), ("BLUE", 2));
        _builder.Struct("pair", 8, ("a", nameless, 0), ("b", nameless, 32));
        _builder.Enum64("wide", false, ("BIG", 0xfedcba9876543210));
        _builder.Enum64("deep", true, ("LOW", 1UL << 63), ("MINUS", ulong.MaxValue));
        _builder.Add(BtfKind.Enum, "tiny", 1, 1, _builder.String("T"), 200);
        _builder.Enum("", true, ("ALONE", -7));
        _builder.Enum("", false, ("false", 0), ("true", 1));
        _builder.Typedef("bool", _builder.Int("_Bool", 1, BtfIntEncoding.Bool));
        _builder.Add(BtfKind.Enum, "empty", 0, 4);
        _builder.Struct("has", 8, ("e", _builder.Enum64("later", false), 0));

        string c = All() + """
            _Static_assert(RED + BLUE == 3, "");
            _Static_assert(ALONE == -7, "");
            _Static_assert(T == 200, "");
            _Static_assert(BIG == 0xfedcba9876543210ULL, "");
            _Static_assert(MINUS == -1, "");
            _Static_assert(LOW < 0, "");
            _Static_assert(sizeof(enum wide) == 8, "");
            _Static_assert(sizeof(enum deep) == 8, "");
            _Static_assert(sizeof(enum tiny) == 1, "");
            _Static_assert(sizeof(struct pair) == 8, "");
            _Static_assert(sizeof(struct has) == 8, "");
            """;
        Clang.Compile(c);
        Clang.Compile(c, "gnu2x");
    }

    [Theory]
    [InlineData("gnu11")]
    [InlineData("gnu17")]
    [InlineData("gnu2x")]
    public void Enums_have_the_size_and_the_sign_that_is_stated(string standard)
    {
        int[] samples = [-1, 0, 1, 100, 127, 128, 200, 255, 256, 32767, 65535, 65536, int.MaxValue, int.MinValue];
        int number = 0;
        foreach (uint size in new uint[] { 1, 2, 4, 8 })
        {
            foreach (bool isSigned in new[] { false, true })
            {
                foreach (int[] values in samples.SelectMany(one => samples.Select(two => new[] { one, two })).Append([1]).Append([-1]))
                {
                    bool fits = values.All(value => size >= 4 || (isSigned ? value >= -(1L << ((8 * (int)size) - 1)) && value < 1L << ((8 * (int)size) - 1) : value >= 0 && value < 1L << (8 * (int)size)));
                    if (fits && (isSigned || values.All(static value => value >= 0)))
                    {
                        AddEnum(BtfKind.Enum, $"e{number++}", size, isSigned, [.. values.Select(static value => unchecked((ulong)value))]);
                    }
                }
            }
        }

        ulong[] wide = [0, 1, 255, uint.MaxValue, 1UL << 32, 0xffffffff00000000, long.MaxValue, 1UL << 63, ulong.MaxValue];
        foreach (bool isSigned in new[] { false, true })
        {
            foreach (ulong[] values in wide.SelectMany(one => wide.Select(two => new[] { one, two })))
            {
                AddEnum(BtfKind.Enum64, $"e{number++}", 8, isSigned, values);
            }
        }

        // As kernels before 6.0 state -1: in an unsigned enum.
        AddEnum(BtfKind.Enum, "old", 1, false, [uint.MaxValue, 3]);
        AddEnum(BtfKind.Enum, "older", 4, false, [uint.MaxValue, 3]);
        AddEnum(BtfKind.Enum, "oldest", 8, false, [uint.MaxValue, 3]);

        // As clang states an enum with a mode.
        AddEnum(BtfKind.Enum, "moded", 1, true, [200]);

        CompiledHeader compiled = Recompile(standard);
        Assert.Equal(number + 4, compiled.Same.Enums);
    }

    [Fact]
    public void Constants_and_shifts_of_a_wide_enum_are_unsigned()
    {
        AddEnum(BtfKind.Enum64, "perf_txn", 8, false, [1, 0xffffffff00000000, 32]);
        string c = All() + """
            unsigned long shifted(unsigned long reason) { return (reason & perf_txn_1) >> perf_txn_2; }
            _Static_assert((perf_txn_1 >> perf_txn_2) == 0xffffffffUL, "");
            _Static_assert(perf_txn_1 > 0, "");
            enum perf_txn one; _Static_assert(__builtin_types_compatible_p(__typeof__(+one), unsigned long), "");
            """;
        Clang.Compile("_Pragma(\"clang diagnostic ignored \\\"-Wextra\\\"\")\n" + c);
    }

    [Fact]
    public void A_size_that_no_enum_has_is_rejected()
    {
        _builder.Add(BtfKind.Enum, "three", 1, 3, _builder.String("T"), 1);
        Assert.Contains("an enum must have 1, 2, 4 or 8", Assert.Throws<BpfObjectFormatException>(All).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_belong_to_no_member_have_no_name_of_a_member()
    {
        int first = _builder.Union("", 64, ("a", _int, 0));
        int second = _builder.Union("", 64, ("b", _int, 0));
        int inner = _builder.Struct("", 64, ("c", _int, 0));
        int large = _builder.Union("", 4096, ("d", _int, 0));
        int larger = _builder.Union("", 2048, ("e", _int, 0), ("__filler_1", _int, 0), ("__fillerx_2", _int, 0));
        int empty = _builder.Union("", 16);
        int nested = _builder.Struct("", 2112, ("", larger, 0), ("", inner, 2048 * 8));
        _builder.Struct("twice", 192, ("", first, 0), ("", second, 512), ("__size", _int, 1024), ("__pad_0", _int, 1056));
        _builder.Struct("deep", 6272, ("", large, 0), ("", nested, 4096 * 8), ("__size", _int, 6208 * 8), ("__pad_8", _int, 6240 * 8));
        _builder.Struct("holes", 8192, ("x", _int, 0), ("__pad_4", _int, 4096 * 8), ("", _builder.Struct("", 2048, ("y", _int, 0), ("z", _int, 2040 * 8)), 5000 * 8));
        _builder.Struct("nothing", 48, ("", empty, 0), ("", empty, 128), ("f", _int, 256));
        _builder.Union("odd", 7, ("g", _char, 0));

        Assert.Equal(5, Recompile().Same.Composites);
    }

    [Fact]
    public void Members_without_a_name_of_types_with_a_name_are_written_out()
    {
        int tagged = _builder.Struct("tagged", 48, ("t1", _int, 0), ("t2", _builder.Array(_int, 10), 32), ("t3", _char, 352));
        int both = _builder.Union("both", 8, ("u1", _int, 0), ("u2", _builder.Int("long", 8, BtfIntEncoding.Signed), 0));
        int renamed = _builder.Typedef("renamed_t", _builder.Struct("", 8, ("r1", _int, 0), ("", _builder.Typedef("again_t", _builder.Union("", 4, ("r2", _int, 0), ("r3", _char, 0))), 32)));
        int constant = _builder.Const(_builder.Volatile(both));
        int packed = _builder.Struct("packed", 5, ("p1", _char, 0), ("p2", _int, 8));
        _builder.Struct("holder", 56, ("first", _int, 0), ("", tagged, 32), ("last", _int, 416));
        _builder.Struct("all", 80, ("", tagged, 0), ("", constant, 384), ("", renamed, 448), ("", packed, 512), ("end", _char, 552), ("", _builder.Bitfields("bits", 4, ("b1", _int, 0, 3), ("b2", _int, 3, 5)), 576));
        _builder.Union("one_of", 48, ("", tagged, 0), ("", both, 0));
        int middle = _builder.Struct("middle", 56, ("", tagged, 0), ("m", _int, 384));
        _builder.Struct("outer", 64, ("", middle, 0), ("o", _int, 448));

        string c = All() + """
            _Static_assert(sizeof(struct holder) == 56, "");
            _Static_assert(__builtin_offsetof(struct holder, t3) == 48, "");
            _Static_assert(__builtin_offsetof(struct all, r3) == 60, "");
            _Static_assert(__builtin_offsetof(struct all, p2) == 65, "");
            _Static_assert(__builtin_offsetof(struct outer, t3) == 44, "");
            """;
        Clang.Compile(c);
        Recompile();
    }

    [Theory]
    [InlineData("gnu11")]
    [InlineData("gnu17")]
    [InlineData("gnu2x")]
    public void Keywords_of_a_newer_C_are_names_where_they_can_be(string standard)
    {
        _builder.Struct("uses", 16, ("bool", _int, 0), ("nullptr", _int, 32), ("alignas", _builder.Pointer(_builder.Struct("constexpr", 4, ("true", _int, 0))), 64));
        string c = All() + "#if __STDC_VERSION__ < 202000L\n_Static_assert(__builtin_offsetof(struct uses, nullptr) == 4, \"\");\n#endif\n_Static_assert(sizeof(struct uses) == 16, \"\");";
        Clang.Compile(c, standard);
    }

    [Fact]
    public void An_unnamed_member_that_is_not_a_struct_keeps_its_place()
    {
        _builder.Struct("odd", 24, ("a", _int, 0), ("", _int, 32), ("", _builder.Array(_int, 2), 64), ("", _builder.Pointer(_int), 128));
        Clang.Compile(All() + "_Static_assert(sizeof(struct odd) == 24, \"\");");
    }

    [Fact]
    public void Names_cannot_inject_C()
    {
        const string Escape = "x; } evil; #error \n\"";
        int kind = _builder.Add(BtfKind.Enum, Escape, 1, 4, _builder.String("A = 0 }; int evil; enum {"), 1);
        int tag = _builder.Add(BtfKind.TypeTag, "user\")));int evil;//", 0, (uint)_int);
        int trigraph = _builder.Add(BtfKind.TypeTag, "a??/", 0, (uint)_int);
        int attribute = _builder.Add(BtfKind.TypeTag, "unused)) *evil; struct evil { int __attribute__((unused", 1u << 31, (uint)_int);
        int fair = _builder.Add(BtfKind.TypeTag, "address_space(1)", 1u << 31, (uint)_int);
        int strange = _builder.Int("int evil; int", 4, BtfIntEncoding.Signed);
        int repeated = _builder.Int("char char", 1, BtfIntEncoding.Signed);
        _builder.Struct(
            "int", 56, (Escape, _builder.Pointer(tag), 0), ("for", _builder.Pointer(attribute), 64), ("evil();", strange, 128), ("default", repeated, 160), ("e\u202evil", kind, 192),
            ("t", _builder.Pointer(trigraph), 256), ("near", _builder.Pointer(fair), 320), ("", strange, 384));
        _builder.Typedef("long", _int);
        _builder.Forward("struct evil { int x; };");
        _builder.Pointer(_builder.Typedef("*/", _builder.Prototype(_int, _int)));

        string c = All();
        Assert.DoesNotContain("evil;", c.Replace("_evil_", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("address_space(1)", c, StringComparison.Ordinal);
        Clang.Compile(c);
        Clang.Compile(c, "c11");
    }

    [Theory]
    [InlineData(26)]
    [InlineData(400)]
    public void Prototypes_that_take_each_other_twice_take_no_longer_than_others(int levels)
    {
        int inner = _int;
        for (int i = 0; i < levels; i++)
        {
            inner = _builder.Pointer(_builder.Prototype(_int, inner, inner));
        }

        _builder.Typedef("bomb", inner);
        var work = Work.Begin();
        Assert.Throws<BpfObjectFormatException>(All);
        Assert.InRange(work.Time, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Typedefs_of_prototypes_that_take_each_other_twice_are_written_once_each()
    {
        int inner = _int;
        for (int i = 0; i < 60; i++)
        {
            inner = _builder.Typedef($"level{i}", _builder.Pointer(_builder.Prototype(inner, inner, inner)));
        }

        var work = Work.Begin();
        string c = All();
        Assert.InRange(work.Time, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Contains("typedef level58 (*level59)(level58, level58);", c, StringComparison.Ordinal);
        Clang.Compile(c);
    }

    [Fact]
    public void Sixty_thousand_types_of_one_name_are_made_unique_at_once()
    {
        uint name = _builder.String("same");
        for (int i = 0; i < 20_000; i++)
        {
            _builder.Named(BtfKind.Struct, name, 0, 4);
            _builder.Named(BtfKind.Typedef, name, 0, (uint)_int);
            _builder.Named(BtfKind.Forward, name, 1u << 31, 0);
        }

        var work = Work.Begin();
        string c = All();
        Assert.InRange(work.Time, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Contains("struct same___20000 {", c, StringComparison.Ordinal);
    }

    [Fact]
    public void Integers_that_the_target_does_not_have_become_bytes()
    {
        _builder.Struct("odd", 48, ("f", _builder.Float("long double", 16), 0), ("d", _builder.Float("double", 8), 128), ("p", _builder.Int("__Poly8_t", 1), 192), ("w", _builder.Int("unsigned __int128", 16), 256));
        Clang.Compile(All() + "_Static_assert(sizeof(struct odd) == 48 && __builtin_offsetof(struct odd, w) == 32, \"\");");
    }

    [Fact]
    public void A_type_that_contains_itself_is_rejected()
    {
        _builder.Struct("a", 4, ("b", 4, 0));
        _builder.Struct("b", 4, ("a", 3, 0));
        Assert.Throws<BpfObjectFormatException>(All);
    }

    [Fact]
    public void Types_that_double_at_every_level_are_rejected()
    {
        int inner = _int;
        for (int i = 0; i < 40; i++)
        {
            inner = _builder.Union("", 4, ("", inner, 0), ("", inner, 0));
        }

        _builder.Typedef("bomb", inner);
        Assert.Contains("nested in each other so often", Assert.Throws<BpfObjectFormatException>(All).Message);
    }

    private int AddEnum(BtfKind kind, string name, uint size, bool isSigned, ulong[] values)
        => _builder.Add(
            kind, name, (uint)values.Length | (isSigned ? 1u << 31 : 0), size,
            [.. values.SelectMany((value, i) => kind == BtfKind.Enum64 ? new[] { _builder.String($"{name}_{i}"), (uint)value, (uint)(value >> 32) } : [_builder.String($"{name}_{i}"), (uint)value])]);

    private CompiledHeader Recompile(string standard = "gnu17")
    {
        BtfTypes types = _builder.Types("test");
        var text = new StringWriter();
        var writer = new BtfCWriter(types, text);
        writer.WriteAll();
        var compiled = new CompiledHeader(types);
        compiled.Compare(writer, text.ToString(), standard);
        return compiled;
    }

    private string All()
    {
        var text = new StringWriter();
        new BtfCWriter(_builder.Types("test"), text).WriteAll();
        return text.ToString();
    }
}
