using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Tests.Unit.Support;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>Objects with a per-CPU map whose key or value has a type that would take for ever to walk.</summary>
internal static class HostileMaps
{
    private const int Levels = 40;

    internal static readonly Dictionary<string, Func<byte[]>> All = new()
    {
        ["unions that double in a value"] = static () => With(static (types, integer) => (integer, types.Struct("v", 4, ("", Union(types, integer, ""), 0)))),
        ["structs that double in a value"] = static () => With(static (types, integer) => (integer, Struct(types, integer))),
        ["unions that double in a key"] = static () => With(static (types, integer) => (types.Struct("k", 8, ("", Union(types, integer, ""), 0)), integer)),
        ["unions of a name that double in a key"] = static () => With(static (types, integer) => (types.Struct("k", 8, ("u", Union(types, integer, "u"), 0)), integer)),
        ["a key of empty arrays"] = static () => With(static (types, integer) => (types.Struct("k", 8, ("a", types.Array(types.Array(types.Struct("none", 0), uint.MaxValue), uint.MaxValue), 0)), integer)),
        ["names that end their line"] = static () => With(static (types, integer) => (integer, types.Struct(
            "v\npublic int Injected;", 16, ("m\npublic int Injected;//", integer, 0), ("n\u2028public int Injected;//", types.Typedef("__be32\rpublic int Injected;", integer), 32),
            ("t\u0085public int Injected;//", types.Array(types.Enum("e\npublic int Injected;", false, ("C\npublic int Injected,", 1)), 2), 64)))),
        ["member names that overlap"] = static () => With(OverlappingNames),
    };

    private static byte[] With(Func<BtfBuilder, int, (int Key, int Value)> add)
    {
        var types = new BtfBuilder();
        int integer = types.Int("unsigned int", 4);
        (int key, int value) = add(types, integer);
        int definition = types.Struct(
            "", 32,
            ("type", types.Pointer(types.Array(integer, 5)), 0), ("max_entries", types.Pointer(types.Array(integer, 1)), 64), ("key", types.Pointer(key), 128), ("value", types.Pointer(value), 192));
        int variable = types.Add(BtfKind.Variable, "map", 0, (uint)definition, 1);
        types.Add(BtfKind.DataSection, ".maps", 1, 32, (uint)variable, 0, 32);
        var elf = new ElfBuilder();
        int code = elf.Section("socket", ElfBuilder.Contents, ElfBuilder.Code, [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
        elf.Symbol("program", ElfBuilder.GlobalFunction, code, 0, 16);
        int maps = elf.Section(".maps", ElfBuilder.Contents, ElfBuilder.Data, new byte[32]);
        elf.Symbol("map", ElfBuilder.GlobalObject, maps, 0, 32);
        elf.Section(".BTF", ElfBuilder.Contents, 0, types.Build());
        return elf.Build();
    }

    private static int Union(BtfBuilder types, int inner, string name)
    {
        for (int i = 0; i < Levels; i++)
        {
            inner = types.Union(name.Length > 0 ? name + i : "", 4, (name.Length > 0 ? "a" : "", inner, 0), (name.Length > 0 ? "b" : "", inner, 0));
        }

        return inner;
    }

    private static int Struct(BtfBuilder types, int inner)
    {
        for (int i = 0; i < Levels; i++)
        {
            inner = types.Struct($"s{i}", 4, ("a", inner, 0), ("b", inner, 0));
        }

        return inner;
    }

    private static (int Key, int Value) OverlappingNames(BtfBuilder types, int integer)
    {
        const int Members = 10_000;
        uint name = types.String(new string('m', 100_000));
        int inner = types.Struct("inner", 4, ("a", integer, 0));
        int value = types.Named(BtfKind.Struct, types.String("v"), Members, 4, [.. Enumerable.Range(0, Members).SelectMany(i => new[] { name + (uint)i, (uint)inner, 0u })]);
        return (integer, value);
    }
}
