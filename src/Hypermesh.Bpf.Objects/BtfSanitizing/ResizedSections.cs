using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>
/// Applies <see cref="BpfDataSectionSpec.Resize"/> to the object's BTF, because the kernel compares the size of a section's type with that of its map. The
/// resized array gets a new type at the end, because its old type may be used elsewhere.
/// </summary>
internal static class ResizedSections
{
    private const int HeaderSize = 12;
    private const int EntrySize = 12;
    private const int ArraySize = 24;
    private const int TypeLengthAt = 12;
    private const int StringOffsetAt = 16;

    /// <summary>Returns the blob with the new types, or the blob itself when no section was resized.</summary>
    internal static byte[] Apply(BpfObjectSpec spec, BtfTypes types, byte[] blob)
    {
        int next = types.Count;
        foreach (BpfDataSectionSpec section in spec.DataSections)
        {
            if (section.IsResized && section.TypeId != 0)
            {
                blob = Apply(section, types, blob, next++);
            }
        }

        return blob;
    }

    private static byte[] Apply(BpfDataSectionSpec section, BtfTypes types, byte[] blob, int newId)
    {
        BpfGlobalVariable last = section.Variables[section.Variables.Count - 1];
        BtfArray old = types[types.SkipModifiers(last.TypeId)].Array;
        int typesStart = (int)(Get(blob, 4) + Get(blob, 8));
        BtfType dataSection = types[section.TypeId];
        Span<byte> record = blob.AsSpan(typesStart + (int)dataSection.Offset);
        Set(record, 8, (uint)section.Size);
        for (int i = 0; i < dataSection.Length; i++)
        {
            Span<byte> entry = record.Slice(HeaderSize + (i * EntrySize), EntrySize);
            BtfType variable = types[(int)Get(entry, 0)];
            if (variable.Name == last.Name)
            {
                Set(entry, 8, (uint)last.Size);
                Set(blob.AsSpan(typesStart + (int)variable.Offset), 8, (uint)newId);
            }
        }

        return Append(blob, typesStart, old, (uint)(last.Size / types.SizeOf(old.ElementTypeId)));
    }

    private static byte[] Append(byte[] blob, int typesStart, BtfArray old, uint count)
    {
        int end = typesStart + (int)Get(blob, TypeLengthAt);
        var longer = new byte[blob.Length + ArraySize];
        blob.AsSpan(0, end).CopyTo(longer);
        blob.AsSpan(end).CopyTo(longer.AsSpan(end + ArraySize));
        Span<byte> array = longer.AsSpan(end, ArraySize);
        Set(array, 4, (uint)BtfKind.Array << 24);
        Set(array, HeaderSize, (uint)old.ElementTypeId);
        Set(array, HeaderSize + 4, (uint)old.IndexTypeId);
        Set(array, HeaderSize + 8, count);
        Set(longer, TypeLengthAt, Get(blob, TypeLengthAt) + ArraySize);

        // Compilers write the strings after the types. Strings before the types keep their offset.
        if (Get(blob, StringOffsetAt) >= Get(blob, 8) + Get(blob, TypeLengthAt))
        {
            Set(longer, StringOffsetAt, Get(blob, StringOffsetAt) + ArraySize);
        }

        return longer;
    }

    private static uint Get(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(offset));

    private static void Set(Span<byte> bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice(offset), value);
}
