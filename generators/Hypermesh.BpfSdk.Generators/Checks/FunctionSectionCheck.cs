using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Parsing;

namespace Hypermesh.BpfSdk.Generators.Checks;

/// <summary>Reports functions that look like programs, have no section, and are called by nothing: <c>SEC</c> was forgotten.</summary>
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
        foreach (ElfSymbol symbol in spec.Elf.Symbols.Where(symbol => symbol.SectionIndex == section.Index && symbol.Type == ElfSymbolType.Function))
        {
            if (symbol.Binding == ElfSymbolBinding.Global && !symbol.IsHidden && !used.Contains(symbol.Index) && !symbol.Name.StartsWith(OwnPrefix, StringComparison.Ordinal)
                && IsLikeProgram(types, symbol.Name))
            {
                // Where the declaration's place is not known, that of its first instruction is.
                bool isDeclared = lines.Of(symbol.Name).Line > 1;
                findings.Add(SourceIds.NoSection, symbol.Name, isDeclared ? 0 : lines.At(Functions, (uint)symbol.Value), symbol.Name);
            }
        }
    }

    // A program returns a number and takes its context.
    private static bool IsLikeProgram(BtfTypes types, string name)
    {
        int id = types.Find(name, BtfKind.Function);
        if (id == 0 || types[types[id].TypeId] is not { Kind: BtfKind.FunctionPrototype, Length: 1 } prototype)
        {
            return false;
        }

        return types[types.SkipModifiers(prototype.TypeId)].Kind == BtfKind.Int && types[types.SkipModifiers(prototype.Parameter(0).TypeId)].Kind == BtfKind.Pointer;
    }
}
