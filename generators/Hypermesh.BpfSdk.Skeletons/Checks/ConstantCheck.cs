using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports options that no program reads: a <c>const</c> that is not <c>volatile</c>, whose value clang has written into the instructions.</summary>
internal static class ConstantCheck
{
    public static void Run(BpfObjectSpec spec, BtfTypes types, Findings findings)
    {
        if (spec.Programs.Count == 0)
        {
            return;
        }

        HashSet<int> read = DataReferences.SymbolsOf(spec.Elf, static section => section.IsExecutable);
        foreach (BpfDataSectionSpec section in spec.DataSections.Where(static section => section.IsReadOnly))
        {
            foreach (BpfGlobalVariable variable in section.Variables.Where(variable => ShownGlobals.IsShown(variable) && IsPlainConstant(types, variable.TypeId)))
            {
                if (!spec.Elf.SymbolsOf(spec.Elf.Sections[section.SectionIndex]).Any(symbol => symbol.Name == variable.Name && (read.Contains(symbol.Index) || symbol.Binding != ElfSymbolBinding.Global)))
                {
                    findings.Add(SourceIds.FoldedConstant, variable.Name, 0, variable.Name, CTypeNames.Declare(types, variable.TypeId, variable.Name, 0).Replace("const ", ""));
                }
            }
        }
    }

    // Arrays and structs are read at a variable offset, or are internal to the program; C# would set only a number.
    private static bool IsPlainConstant(BtfTypes types, int id)
    {
        bool isConstant = false;
        for (int depth = 0; depth < TypeNesting.MaximumDepth; depth++)
        {
            BtfType type = types[id];
            switch (type.Kind)
            {
                case BtfKind.Volatile:
                    return false;
                case BtfKind.Const:
                    isConstant = true;
                    break;
                case BtfKind.Typedef or BtfKind.Restrict or BtfKind.TypeTag:
                    break;
                default:
                    return isConstant && (type.Kind == BtfKind.Int || type.IsEnum);
            }

            id = type.TypeId;
        }

        return false;
    }
}
