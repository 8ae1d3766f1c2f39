using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>The parts of an object, each a list of rows with the same columns.</summary>
internal static class ObjectContents
{
    internal static IEnumerable<(string Name, JsonArray Rows)> Of(BpfObjectSpec spec) =>
    [
        ("sections", Rows(spec.Elf.Sections.Where(static section => section.Name.Length > 0), static section => new JsonObject
        {
            ["name"] = section.Name,
            ["type"] = section.Type.ToString(),
            ["bytes"] = section.Size,
            ["flags"] = (section.IsExecutable ? "x" : "") + (section.IsWritable ? "w" : "") + (section.IsAllocated ? "a" : ""),
        })),
        ("programs", Rows(spec.Programs, static program => new JsonObject
        {
            ["name"] = program.Name,
            ["section"] = program.SectionName,
            ["type"] = program.Type.ToString(),
            ["attach"] = program.Section.AttachType == 0 && program.Section.Attach != AttachKind.CGroup ? null : program.ExpectedAttachType.ToString(),
            ["instructions"] = program.Symbol.Size / BpfInstruction.Size,
            ["loads"] = program.Enabled,
        })),
        ("maps", Rows(spec.Maps, map => new JsonObject
        {
            ["name"] = map.Name,
            ["type"] = map.Type.ToString(),
            ["key"] = TypeName(spec, map.KeyTypeId) ?? $"{map.KeySize} bytes",
            ["keyBytes"] = map.KeySize,
            ["value"] = TypeName(spec, map.ValueTypeId) ?? $"{map.ValueSize} bytes",
            ["valueBytes"] = map.ValueSize,
            ["entries"] = map.MaxEntries,
            ["flags"] = $"0x{(uint)map.Flags:x}",
        })),
        ("globals", Rows(spec.DataSections.SelectMany(static section => section.Variables, static (section, variable) => (section, variable)), row => new JsonObject
        {
            ["name"] = row.variable.Name,
            ["section"] = row.section.Name,
            ["type"] = TypeName(spec, spec.Btf![row.variable.TypeId].Kind == BtfKind.Variable ? spec.Btf[row.variable.TypeId].TypeId : row.variable.TypeId),
            ["offset"] = row.variable.Offset,
            ["bytes"] = row.variable.Size,
        })),
        ("jumpTables", Rows(JumpTables(spec.Elf), static table => new JsonObject
        {
            ["name"] = table.Name,
            ["offset"] = table.Value,
            ["entries"] = table.Size / sizeof(ulong),
        })),
        ("externs", Rows(spec.Externs, static @extern => new JsonObject
        {
            ["name"] = @extern.Name,
            ["kind"] = @extern.Kind.ToString(),
            ["weak"] = @extern.IsWeak,
        })),
        ("relocations", Rows(spec.Elf.Sections.Where(static section => section.IsExecutable), section => new JsonObject
        {
            ["section"] = section.Name,
            ["symbols"] = spec.Elf.RelocationsOf(section).Count,
            ["core"] = spec.BtfExtension?.RelocationsOf(section.Name).Count ?? 0,
            ["types"] = string.Join(", ", CoreTypes(spec, section)),
        })),
    ];

    private static JsonArray Rows<T>(IEnumerable<T> all, Func<T, JsonObject> row) => new([.. all.Select(item => (JsonNode)row(item))]);

    // Jump tables, to which a large switch is compiled.
    private static IEnumerable<ElfSymbol> JumpTables(ElfObject elf)
        => elf.FindSection(".jumptables") is { } section ? elf.Symbols.Where(symbol => symbol.SectionIndex == section.Index && symbol.Type == ElfSymbolType.Object) : [];

    // The kernel types whose layout is used.
    private static IEnumerable<string> CoreTypes(BpfObjectSpec spec, ElfSection section)
        => spec is not { Btf: { } types, BtfExtension: { } extension } ? []
            : extension.RelocationsOf(section.Name).Select(relocation => types[types.SkipModifiers(relocation.TypeId)].Name).Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal);

    private static string? TypeName(BpfObjectSpec spec, int typeId)
        => typeId == 0 || spec.Btf is not { } types ? null : new BtfCWriter(types, TextWriter.Null).NameOf(typeId);
}
