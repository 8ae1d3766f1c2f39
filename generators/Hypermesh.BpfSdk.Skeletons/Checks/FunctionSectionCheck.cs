using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports functions that look like programs, have no section, and are not called: <c>SEC</c> is missing.</summary>
internal static class FunctionSectionCheck
{
    private const string Functions = ".text";

    // Functions of our headers; they keep types in the object.
    private const string OwnPrefix = "hm_";

    public static void Run(BpfObjectSpec spec, BtfTypes types, SourceLines lines, Findings findings)
    {
        if (spec.Elf.FindSection(Functions) is not { IsExecutable: true } section)
        {
            return;
        }

        HashSet<int> used = DataReferences.SymbolsOf(spec.Elf, DataReferences.IsOfProgram);
        HashSet<(uint File, int Line)> inPrograms = [.. spec.Programs.Select(program => program.Code.Name).Distinct().SelectMany(lines.OfSection).Select(Place)];
        foreach (ElfSymbol symbol in spec.Elf.Symbols.Where(symbol => symbol.SectionIndex == section.Index && symbol.Type == ElfSymbolType.Function))
        {
            if (symbol.Binding == ElfSymbolBinding.Global && !symbol.IsHidden && !used.Contains(symbol.Index) && !symbol.Name.StartsWith(OwnPrefix, StringComparison.Ordinal)
                && IsLikeProgram(types, symbol.Name) && !LinesOf(symbol, lines).Any(line => inPrograms.Contains(Place(line))))
            {
                // Where the declaration's place is not known, the place of the first instruction is used.
                bool isDeclared = lines.Of(symbol.Name).Line > 1;
                findings.Add(SourceIds.NoSection, symbol.Name, isDeclared ? 0 : lines.At(Functions, (uint)symbol.Value), symbol.Name);
            }
        }
    }

    // A function that clang inlined has its lines in its callers.
    private static IEnumerable<BtfLineInfo> LinesOf(ElfSymbol function, SourceLines lines)
        => lines.OfSection(Functions).Where(line => line.InstructionOffset >= function.Value && line.InstructionOffset < function.Value + function.Size);

    private static (uint File, int Line) Place(BtfLineInfo line) => (line.FileNameOffset, line.Line);

    // A program returns a number and takes its context: a struct, or the numbers that BPF_PROG reads its arguments from.
    private static bool IsLikeProgram(BtfTypes types, string name)
    {
        int id = types.Find(name, BtfKind.Function);
        if (id == 0 || types[types[id].TypeId] is not { Kind: BtfKind.FunctionPrototype, Length: 1 } prototype)
        {
            return false;
        }

        return types[types.SkipModifiers(prototype.TypeId)].Kind == BtfKind.Int
            && types[types.SkipModifiers(prototype.Parameter(0).TypeId)] is { Kind: BtfKind.Pointer } context
            && types[types.SkipModifiers(context.TypeId)] is { Kind: BtfKind.Void or BtfKind.Struct or BtfKind.Forward } or { Kind: BtfKind.Int, Size: 8 };
    }
}
