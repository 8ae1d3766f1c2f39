using System.Buffers.Binary;

namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>Writes the bytes of an object, with numbers in its byte order.</summary>
internal sealed class ElfWriter(bool isLittleEndian)
{
    private readonly List<byte> _bytes = [];

    /// <summary>The number of bytes so far.</summary>
    public int Length => _bytes.Count;

    /// <summary>Returns the bytes so far.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            _bytes.Add(b);
        }
    }

    /// <summary>Appends a number of four bytes.</summary>
    public void AppendU32(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        PutU32(bytes, value);
        Append(bytes);
    }

    /// <summary>Appends a number of eight bytes.</summary>
    public void AppendU64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        PutU64(bytes, value);
        Append(bytes);
    }

    /// <summary>Appends zeroes up to the next multiple of an alignment.</summary>
    public void Align(int alignment)
    {
        while (_bytes.Count % alignment != 0)
        {
            _bytes.Add(0);
        }
    }

    /// <summary>Appends the section table and writes its offset into the file's header.</summary>
    /// <param name="table">The section headers.</param>
    /// <param name="namesIndex">The index of the section with the section names.</param>
    /// <returns>The whole file.</returns>
    public byte[] Finish(byte[] table, int namesIndex)
    {
        int tableOffset = Length;
        Append(table);
        byte[] file = ToArray();
        PutU64(file.AsSpan(40), (ulong)tableOffset);
        PutU16(file.AsSpan(60), (ushort)(table.Length / ElfSectionTable.EntrySize));
        PutU16(file.AsSpan(62), (ushort)namesIndex);
        return file;
    }

    public void PutU16(Span<byte> at, ushort value)
    {
        if (isLittleEndian)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(at, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(at, value);
        }
    }

    public void PutU32(Span<byte> at, uint value)
    {
        if (isLittleEndian)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(at, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(at, value);
        }
    }

    public void PutU64(Span<byte> at, ulong value)
    {
        if (isLittleEndian)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(at, value);
        }
    }
}
