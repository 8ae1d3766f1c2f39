using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>
/// The object's BTF as the kernel takes it: compilers leave the sizes of data sections and the offsets of variables to the
/// loader, and functions that are hidden (<c>__hidden</c>) are static to the kernel.
/// </summary>
internal static class LoadableBtf
{
    private const int HeaderSize = 12;
    private const int VariableSize = 12;

    /// <summary>Makes the blob.</summary>
    /// <param name="spec">An object with BTF.</param>
    /// <returns>A copy of its BTF with those places filled in; null without BTF.</returns>
    public static byte[]? Create(BpfObjectSpec spec)
    {
        if (spec.Btf is not { } types || spec.Elf.FindSection(".BTF") is not { } section)
        {
            return null;
        }

        byte[] blob = section.Data.ToArray();
        int typesStart = (int)(BinaryPrimitives.ReadUInt32LittleEndian(blob.AsSpan(4)) + BinaryPrimitives.ReadUInt32LittleEndian(blob.AsSpan(8)));
        HashSet<string> hidden = HiddenFunctions(spec.Elf);
        var externs = new ExternTypes(spec, types, blob, typesStart);
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType type = types[id];
            Span<byte> record = blob.AsSpan(typesStart + (int)type.Offset);
            if (type.Kind == BtfKind.DataSection)
            {
                if (!externs.TryFill(type))
                {
                    FillDataSection(spec.Elf, types, type, record);
                }
            }
            else if (type.Kind == BtfKind.Function && type.Linkage == 1 && hidden.Contains(type.Name))
            {
                uint info = BinaryPrimitives.ReadUInt32LittleEndian(record.Slice(4));
                BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(4), info & ~0xffffu);
            }
        }

        return ResizedSections.Apply(spec, types, blob);
    }

    private static void FillDataSection(ElfObject elf, BtfTypes types, BtfType dataSection, Span<byte> record)
    {
        if (elf.FindSection(dataSection.Name) is not { } section)
        {
            return;
        }

        Dictionary<string, ElfSymbol> symbols = DataSectionReader.SymbolsOf(elf, section);
        var entries = new List<BtfSectionVariable>(dataSection.Length);
        for (int i = 0; i < dataSection.Length; i++)
        {
            BtfSectionVariable entry = dataSection.SectionVariable(i);
            BtfType variable = types[entry.TypeId];
            // The offset of a static is BTF's own: several files' statics of one name may be linked.
            bool isStatic = variable.Kind == BtfKind.Variable && variable.Linkage == 0;
            entries.Add(!isStatic && symbols.TryGetValue(variable.Name, out ElfSymbol symbol) ? entry with { Offset = (uint)Math.Min(symbol.Value, uint.MaxValue) } : entry);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(8), (uint)section.Size);
        // The kernel wants them in the order of their offsets; the sort is stable, so equal offsets keep theirs.
        int at = HeaderSize;
        foreach (BtfSectionVariable entry in entries.OrderBy(static e => e.Offset))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(at), (uint)entry.TypeId);
            BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(at + 4), entry.Offset);
            BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(at + 8), entry.Size);
            at += VariableSize;
        }
    }

    private static HashSet<string> HiddenFunctions(ElfObject elf)
        => [.. elf.Symbols.Where(static s => s.Type == ElfSymbolType.Function && s.IsHidden && s.Binding != ElfSymbolBinding.Local).Select(static s => s.Name)];
}
