using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Tool.Llvm;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Listing;

/// <summary>The functions of an object in the file, before relocation.</summary>
internal static class ObjectCode
{
    internal static JsonArray Write(Terminal terminal, BpfObjectSpec spec, LlvmDisassembler? llvm = null)
    {
        var all = new JsonArray();
        foreach (ElfSection section in spec.Elf.Sections.Where(static section => section is { IsExecutable: true, Type: ElfSectionType.Contents, Size: > 0 }))
        {
            Dictionary<int, ElfSymbol> references = [];
            foreach (ElfRelocation relocation in spec.Elf.RelocationsOf(section))
            {
                references[(int)(relocation.Offset / BpfInstruction.Size)] = spec.Elf.Symbols[relocation.SymbolIndex];
            }

            BpfFunctionEntry[] functions =
            [
                .. spec.Elf.SymbolsOf(section).Where(static symbol => symbol.Type == ElfSymbolType.Function)
                    .Select(static symbol => new BpfFunctionEntry((int)(symbol.Value / BpfInstruction.Size), symbol.Name)),
            ];
            terminal.Line(new Painted(Colour.Yellow, $"section {section.Name}"));
            var listing = new CodeListing(LinesOf(spec, section), functions, new ObjectNames(references, spec.Elf.Sections), llvm);
            JsonArray code = listing.Write(terminal, MemoryMarshal.Cast<byte, BpfInstruction>(section.Data.Span));
            all.Add((JsonNode)new JsonObject { ["section"] = section.Name, ["instructions"] = code });
            terminal.Line();
        }

        return all;
    }

    private static IReadOnlyList<BpfSourceLine> LinesOf(BpfObjectSpec spec, ElfSection section)
        => spec is not { Btf: { } types, BtfExtension: { } extension } ? []
            : [.. extension.LinesOf(section.Name).Select(line => Line(types, line))];

    private static BpfSourceLine Line(BtfTypes types, BtfLineInfo line)
        => new(
            (int)(line.InstructionOffset / BpfInstruction.Size), types.GetString(line.FileNameOffset), (int)(line.LineAndColumn >> 10), (int)(line.LineAndColumn & 0x3ff),
            types.GetString(line.TextOffset).Trim());
}

/// <summary>Names the targets of instructions of an object that is not loaded, from its relocations.</summary>
internal sealed class ObjectNames(Dictionary<int, ElfSymbol> symbols, IReadOnlyList<ElfSection> sections) : BpfInstructionNames
{
    public override string Call(BpfInstruction call, int index)
        => symbols.TryGetValue(index, out ElfSymbol symbol) && symbol.Name.Length > 0 ? symbol.Name : base.Call(call, index);

    public override string WideLoad(BpfInstruction low, BpfInstruction high, int index)
    {
        if (!symbols.TryGetValue(index, out ElfSymbol symbol))
        {
            return base.WideLoad(low, high, index);
        }

        string name = symbol.Name.Length > 0 ? symbol.Name : symbol.SectionIndex < sections.Count ? sections[symbol.SectionIndex].Name : $"symbol {symbol.Index}";
        return low.Immediate == 0 ? name : $"{name}+{low.Immediate}";
    }
}
