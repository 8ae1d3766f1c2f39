using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.CSource;

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
    public void What_is_contained_comes_first_and_what_is_pointed_to_is_declared()
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
    public void Names_that_meet_are_told_apart_and_foreign_ones_made_legal()
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
            _Static_assert(RED + BLUE == 3 && ALONE == -7 && T == 200, "");
            _Static_assert(BIG == 0xfedcba9876543210ULL && MINUS == -1 && LOW < 0, "");
            _Static_assert(sizeof(enum wide) == 8 && sizeof(enum deep) == 8 && sizeof(enum tiny) == 1 && sizeof(struct pair) == 8 && sizeof(struct has) == 8, "");
            """;
        Clang.Compile(c);
        Clang.Compile(c, "gnu23");
    }

    [Fact]
    public void Numbers_the_target_has_not_become_bytes()
    {
        _builder.Struct("odd", 48, ("f", _builder.Float("long double", 16), 0), ("d", _builder.Float("double", 8), 128), ("p", _builder.Int("__Poly8_t", 1), 192), ("w", _builder.Int("unsigned __int128", 16), 256));
        Clang.Compile(All() + "_Static_assert(sizeof(struct odd) == 48 && __builtin_offsetof(struct odd, w) == 32, \"\");");
    }

    [Fact]
    public void What_contains_itself_is_refused()
    {
        _builder.Struct("a", 4, ("b", 4, 0));
        _builder.Struct("b", 4, ("a", 3, 0));
        Assert.Throws<BpfObjectFormatException>(All);
    }

    [Fact]
    public void Types_that_double_at_every_level_are_refused()
    {
        int inner = _int;
        for (int i = 0; i < 40; i++)
        {
            inner = _builder.Union("", 4, ("", inner, 0), ("", inner, 0));
        }

        _builder.Typedef("bomb", inner);
        Assert.Contains("over and over", Assert.Throws<BpfObjectFormatException>(All).Message);
    }

    private string All()
    {
        var text = new StringWriter();
        new BtfCWriter(_builder.Types("test"), text).WriteAll();
        return text.ToString();
    }
}
