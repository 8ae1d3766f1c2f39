using System.Buffers.Binary;
using System.Text;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>Writes ELF files that no compiler writes: sections that overlap, names that share their ends, a program of types alone.</summary>
internal sealed class ElfBuilder
{
    internal const uint Contents = 1;
    internal const uint SymbolTable = 2;
    internal const uint StringTable = 3;
    internal const uint NoBits = 8;
    internal const uint Relocations = 9;
    internal const ulong Code = 6;
    internal const ulong Data = 3;
    internal const byte GlobalFunction = 0x12;
    internal const byte GlobalObject = 0x11;

    internal const byte Relocatable = 1;
    internal const byte Executable = 2;

    private const int HeaderSize = 64;

    private readonly List<(uint Name, uint Type, ulong Flags, byte[]? Bytes, int SameAs, uint Link, uint Info)> _sections = [(0, 0, 0, null, 0, 0, 0)];
    private readonly List<byte> _symbols = [.. new byte[24]];
    private readonly List<byte> _names = [0];

    /// <summary>A section with contents of its own; the answer is its index.</summary>
    internal int Section(string name, uint type, ulong flags, byte[] bytes, uint link = 0, uint info = 0)
    {
        _sections.Add((Name(name), type, flags, bytes, 0, link, info));
        return _sections.Count - 1;
    }

    /// <summary>A section whose name stands at a place of the string table.</summary>
    internal int Section(uint name, uint type, ulong flags, byte[] bytes)
    {
        _sections.Add((name, type, flags, bytes, 0, 0, 0));
        return _sections.Count - 1;
    }

    /// <summary>A section that claims the bytes of another one.</summary>
    internal int SectionAt(string name, uint type, ulong flags, int sameAs, uint link = 0, uint info = 0)
    {
        _sections.Add((Name(name), type, flags, null, sameAs, link, info));
        return _sections.Count - 1;
    }

    internal void Symbol(string name, byte info, int section, ulong value, ulong size) => Symbol(Name(name), info, section, value, size);

    internal void Symbol(uint name, byte info, int section, ulong value, ulong size)
    {
        byte[] entry = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, name);
        entry[4] = info;
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(6), (ushort)section);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), value);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), size);
        _symbols.AddRange(entry);
    }

    /// <summary>Where a name stands in the string table.</summary>
    internal uint Name(string name)
    {
        if (name.Length == 0)
        {
            return 0;
        }

        uint at = (uint)_names.Count;
        _names.AddRange(Encoding.UTF8.GetBytes(name));
        _names.Add(0);
        return at;
    }

    /// <summary>The file, with its symbols, and its names in one table for sections and symbols.</summary>
    internal byte[] Build(byte type = Relocatable)
    {
        int strings = _sections.Count;
        Section(".strtab", StringTable, 0, []);
        Section(".symtab", SymbolTable, 0, [.. _symbols], (uint)strings, 1);
        _sections[strings] = _sections[strings] with { Bytes = [.. _names] };
        var file = new List<byte>(new byte[HeaderSize]);
        var places = new (ulong Offset, ulong Size)[_sections.Count];
        for (int i = 1; i < _sections.Count; i++)
        {
            if (_sections[i].Bytes is { } bytes)
            {
                file.AddRange(new byte[(8 - (file.Count % 8)) % 8]);
                places[i] = ((ulong)file.Count, (ulong)bytes.Length);
                file.AddRange(bytes);
            }
        }

        file.AddRange(new byte[(8 - (file.Count % 8)) % 8]);
        int table = file.Count;
        for (int i = 0; i < _sections.Count; i++)
        {
            (uint name, uint kind, ulong flags, byte[]? bytes, int sameAs, uint link, uint info) = _sections[i];
            (ulong offset, ulong size) = places[bytes is null ? sameAs : i];
            byte[] header = new byte[HeaderSize];
            BinaryPrimitives.WriteUInt32LittleEndian(header, name);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), kind);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), flags);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), offset);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(32), size);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), kind == Relocations ? (uint)(_sections.Count - 1) : link);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(44), info);
            header[48] = 8;
            header[56] = kind switch { SymbolTable => 24, Relocations => 16, _ => 0 };
            file.AddRange(header);
        }

        byte[] image = [.. file];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(image);
        image[16] = type;
        image[18] = 247;
        image[20] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(40), (ulong)table);
        image[52] = HeaderSize;
        image[58] = HeaderSize;
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(60), (ushort)_sections.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(62), (ushort)strings);
        return image;
    }
}
