using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>
/// Creates the object's BTF in the form that the kernel accepts. Compilers leave the sizes of data sections and the offsets of variables to the
/// loader, and hidden functions (<c>__hidden</c>) must be static for the kernel.
/// </summary>
internal static class LoadableBtf
{
    private const int HeaderSize = 12;
    private const int VariableSize = 12;

    /// <summary>Creates the blob.</summary>
    /// <param name="spec">An object with BTF.</param>
    /// <returns>A copy of its BTF with sizes and offsets filled in; null without BTF.</returns>
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
            // A static keeps the offset from BTF, because a linked object may have several statics of one name from different files.
            bool isStatic = variable.Kind == BtfKind.Variable && variable.Linkage == 0;
            entries.Add(!isStatic && symbols.TryGetValue(variable.Name, out ElfSymbol symbol) ? entry with { Offset = (uint)Math.Min(symbol.Value, uint.MaxValue) } : entry);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(8), (uint)section.Size);
        // The kernel requires ascending offsets. The sort is stable, so variables with equal offsets keep their order.
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
