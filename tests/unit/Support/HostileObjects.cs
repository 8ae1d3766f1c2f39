using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>Small objects that are made to be expensive to read: each once took gigabytes or minutes, or controlled the terminal.</summary>
internal static class HostileObjects
{
    private const string Escapes = "\u001b]0;owned\u0007\u001b[31m\u009b2J\u202eevil\u2066\u200f\n\r\u2028\"'{};#*/";
    private static readonly byte[] s_exit = [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];

    internal static readonly Dictionary<string, Func<byte[]>> All = new()
    {
        ["relocations that overlap"] = RelocationsThatOverlap,
        ["relocations of one section twice"] = RelocationsTwice,
        ["data that overlaps"] = DataThatOverlaps,
        ["names that overlap"] = NamesThatOverlap,
        ["functions that overlap"] = FunctionsThatOverlap,
        ["one function under many names"] = FunctionOfManyNames,
        ["many sections and many symbols"] = ManySections,
        ["prototypes that double"] = static () => WithTypes(static types => Prototypes(types, 26)),
        ["prototypes that double for long"] = static () => WithTypes(static types => Prototypes(types, 2_000)),
        ["unions that double"] = static () => WithTypes(static types => Unions(types, "", 30)),
        ["unions of a name that double"] = static () => WithTypes(static types => Unions(types, "u", 30)),
        ["structs that double"] = static () => WithTypes(static types => Structs(types, 200)),
        ["types of one name"] = static () => WithTypes(OneName),
        ["type names that overlap"] = static () => WithTypes(OverlappingTypeNames),
        ["a chain of const"] = static () => WithTypes(ConstOfConst),
        ["a type that holds itself"] = static () => WithTypes(static types => types.Struct("a", 4, ("b", 3, 0), ("", 3, 0))),
        ["names full of escapes"] = NamesFullOfEscapes,
    };

    private static byte[] RelocationsThatOverlap()
    {
        var elf = new ElfBuilder();
        int entries = elf.Section("socket", ElfBuilder.Contents, ElfBuilder.Code, new byte[400_000]);
        for (uint i = 0; i < 4_000; i++)
        {
            elf.SectionAt("", ElfBuilder.Relocations, 0, entries, info: i);
        }

        return elf.Build();
    }

    private static byte[] RelocationsTwice()
    {
        var elf = new ElfBuilder();
        int code = Program(elf);
        elf.Section(".relsocket", ElfBuilder.Relocations, 0, new byte[16], info: (uint)code);
        elf.Section(".relsocket.too", ElfBuilder.Relocations, 0, new byte[16], info: (uint)code);
        return elf.Build();
    }

    private static byte[] DataThatOverlaps()
    {
        var elf = new ElfBuilder();
        int bytes = elf.Section(".data", ElfBuilder.Contents, ElfBuilder.Data, new byte[200_000]);
        for (int i = 0; i < 4_000; i++)
        {
            elf.SectionAt($".data.{i}", ElfBuilder.Contents, ElfBuilder.Data, bytes);
        }

        Program(elf);
        return elf.Build();
    }

    private static byte[] NamesThatOverlap()
    {
        var elf = new ElfBuilder();
        uint name = elf.Name(new string('n', 200_000));
        int code = Program(elf);
        for (uint i = 0; i < 20_000; i++)
        {
            elf.Symbol(name + i, ElfBuilder.GlobalObject, code, 0, 0);
        }

        return elf.Build();
    }

    private static byte[] FunctionsThatOverlap()
    {
        var elf = new ElfBuilder();
        int code = elf.Section("socket", ElfBuilder.Contents, ElfBuilder.Code, [.. Enumerable.Range(0, 10_000).SelectMany(static _ => s_exit)]);
        for (uint i = 0; i < 20_000; i++)
        {
            elf.Symbol($"f{i}", ElfBuilder.GlobalFunction, code, i * 8, 160_000 - (i * 8));
        }

        Types(elf);
        return elf.Build();
    }

    private static byte[] FunctionOfManyNames()
    {
        var elf = new ElfBuilder();
        int code = elf.Section("socket", ElfBuilder.Contents, ElfBuilder.Code, [.. Enumerable.Range(0, 10_000).SelectMany(static _ => s_exit)]);
        for (uint i = 0; i < 10_000; i++)
        {
            elf.Symbol($"f{i}", ElfBuilder.GlobalFunction, code, 0, 160_000);
        }

        Types(elf);
        return elf.Build();
    }

    private static byte[] ManySections()
    {
        var elf = new ElfBuilder();
        for (int i = 0; i < 10_000; i++)
        {
            int code = elf.Section("socket", ElfBuilder.Contents, ElfBuilder.Code, s_exit);
            elf.Symbol($"f{i}", ElfBuilder.GlobalFunction, code, 0, 16);
            elf.Symbol("", 0, code, 0, 0);
        }

        Types(elf);
        return elf.Build();
    }

    private static byte[] NamesFullOfEscapes()
    {
        var types = new BtfBuilder();
        int integer = types.Int("int" + Escapes, 4, BtfIntEncoding.Signed);
        int inner = types.Struct(Escapes, 8, (Escapes, integer, 0), ("m" + Escapes, integer, 32));
        types.Enum(Escapes, true, (Escapes, 1), ("E" + Escapes, -1));
        types.Typedef(Escapes, types.Pointer(types.Add(BtfKind.TypeTag, Escapes, 0, (uint)inner)));
        types.Typedef("x" + Escapes, types.Pointer(types.Add(BtfKind.TypeTag, "unused)) " + Escapes, 1u << 31, (uint)inner)));
        int function = types.Function("f" + Escapes, types.Prototype(integer, inner));
        types.Add(BtfKind.DeclarationTag, "bpf_kfunc", 0, (uint)function, uint.MaxValue);
        types.Add(BtfKind.DeclarationTag, Escapes, 0, (uint)function, uint.MaxValue);
        var elf = new ElfBuilder();
        int code = elf.Section("socket/" + Escapes, ElfBuilder.Contents, ElfBuilder.Code, s_exit);
        elf.Symbol(Escapes, ElfBuilder.GlobalFunction, code, 0, 16);
        elf.Section(".data." + Escapes, ElfBuilder.Contents, ElfBuilder.Data, new byte[8]);
        elf.Section("license", ElfBuilder.Contents, ElfBuilder.Data, System.Text.Encoding.UTF8.GetBytes("GPL" + Escapes));
        elf.Section(".BTF", ElfBuilder.Contents, 0, types.Build());
        return elf.Build();
    }

    private static byte[] WithTypes(Action<BtfBuilder> add)
    {
        var types = new BtfBuilder();
        types.Int("int", 4, BtfIntEncoding.Signed);
        types.Int("char", 1, BtfIntEncoding.Signed);
        add(types);
        var elf = new ElfBuilder();
        Program(elf);
        elf.Section(".BTF", ElfBuilder.Contents, 0, types.Build());
        return elf.Build();
    }

    private static void Types(ElfBuilder elf)
    {
        var types = new BtfBuilder();
        types.Int("int", 4, BtfIntEncoding.Signed);
        elf.Section(".BTF", ElfBuilder.Contents, 0, types.Build());
    }

    private static int Program(ElfBuilder elf)
    {
        int code = elf.Section("socket", ElfBuilder.Contents, ElfBuilder.Code, s_exit);
        elf.Symbol("program", ElfBuilder.GlobalFunction, code, 0, 16);
        return code;
    }

    private static void Prototypes(BtfBuilder types, int levels)
    {
        int inner = 1;
        for (int i = 0; i < levels; i++)
        {
            inner = types.Prototype(1, inner, inner);
        }

        types.Typedef("bomb", types.Pointer(inner));
        Mark(types, types.Function("bomb_kfunc", inner));
    }

    private static void Unions(BtfBuilder types, string name, int levels)
    {
        int inner = 1;
        for (int i = 0; i < levels; i++)
        {
            inner = types.Union(name.Length > 0 ? $"{name}{i}" : "", 4, (name.Length > 0 ? "a" : "", inner, 0), (name.Length > 0 ? "b" : "", inner, 0));
        }

        types.Typedef("bomb", inner);
        types.Struct("holder", 4, ("", inner, 0));
    }

    private static void Structs(BtfBuilder types, int levels)
    {
        int inner = 1;
        for (int i = 0; i < levels; i++)
        {
            inner = types.Struct($"s{i}", 4, ("a", inner, 0), ("b", types.Array(inner, 0), 32), ("c", types.Pointer(inner), 0));
        }
    }

    private static void OneName(BtfBuilder types)
    {
        uint name = types.String("same");
        for (int i = 0; i < 5_000; i++)
        {
            types.Named(BtfKind.Struct, name, 0, 4);
            types.Named(BtfKind.Union, name, 0, 4);
            types.Named(BtfKind.Typedef, name, 0, 1);
            types.Named(BtfKind.Forward, name, 0, 0);
            types.Named(BtfKind.Enum, name, 1, 4, name, 1);
        }
    }

    private static void OverlappingTypeNames(BtfBuilder types)
    {
        uint name = types.String(new string('t', 100_000));
        for (uint i = 0; i < 10_000; i++)
        {
            types.Named(BtfKind.Struct, name + i, 0, 4);
        }
    }

    private static void ConstOfConst(BtfBuilder types)
    {
        int inner = 1;
        for (int i = 0; i < 20_000; i++)
        {
            inner = types.Const(inner);
        }

        types.Typedef("chain", inner);
        types.Struct("s", 4, ("m", inner, 0));
    }

    private static void Mark(BtfBuilder types, int function) => types.Add(BtfKind.DeclarationTag, "bpf_kfunc", 0, (uint)function, uint.MaxValue);
}
