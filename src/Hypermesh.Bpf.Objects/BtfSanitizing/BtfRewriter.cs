using System.Buffers.Binary;
using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>Changes types in place, so that each keeps its ID and length, and appends new names and types.</summary>
internal sealed class BtfRewriter(BtfTypes types)
{
    private const int HeaderSize = 24;
    private const int RecordSize = 12;
    private const string PlaceholderName = "enum64_placeholder";

    private readonly byte[] _types = types.Types.ToArray();
    private readonly List<byte> _strings = [.. types.Strings.ToArray()];
    private readonly List<uint> _appended = [];
    private uint _next = (uint)types.Count;
    private uint? _placeholder;

    public BtfTypes Types => types;

    /// <summary>The ID of an appended type of one byte.</summary>
    public uint Placeholder => _placeholder ??= Append(Name(PlaceholderName), (uint)BtfKind.Int << 24, 1, 8);

    /// <summary>Appends a type.</summary>
    /// <param name="record">The words of its record.</param>
    /// <returns>Its ID.</returns>
    public uint Append(params uint[] record)
    {
        _appended.AddRange(record);
        return _next++;
    }

    /// <summary>Changes the kind of a type and clears the kind flag.</summary>
    public void Become(BtfType type, BtfKind kind, int length, uint? size = null)
    {
        Write(type.Offset + 4, ((uint)kind << 24) | (uint)length);
        if (size is { } given)
        {
            Write(type.Offset + 8, given);
        }
    }

    public void Rename(BtfType type, string name) => Write(type.Offset, Name(name));

    /// <summary>Writes a word of an entry that follows the record.</summary>
    public void SetEntryWord(BtfType type, int entry, int word, int wordsPerEntry, uint value)
        => Write(type.Offset + RecordSize + (sizeof(uint) * (((long)entry * wordsPerEntry) + word)), value);

    /// <summary>Appends a name.</summary>
    /// <returns>Its offset.</returns>
    public uint Name(string name)
    {
        if (name.Length == 0)
        {
            return 0;
        }

        uint offset = (uint)_strings.Count;
        _strings.AddRange(Encoding.UTF8.GetBytes(name));
        _strings.Add(0);
        return offset;
    }

    /// <summary>Returns the blob, with a header of the minimum size.</summary>
    public byte[] Build()
    {
        int typesLength = _types.Length + (_appended.Count * sizeof(uint));
        var blob = new byte[HeaderSize + typesLength + _strings.Count];
        uint[] header = [BtfTypes.Magic | (1u << 16), HeaderSize, 0, (uint)typesLength, (uint)typesLength, (uint)_strings.Count];
        WriteWords(blob.AsSpan(), header);
        _types.CopyTo(blob, HeaderSize);
        WriteWords(blob.AsSpan(HeaderSize + _types.Length), _appended);
        _strings.CopyTo(blob, HeaderSize + typesLength);
        return blob;
    }

    private static void WriteWords(Span<byte> at, IReadOnlyList<uint> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(at.Slice(i * sizeof(uint)), words[i]);
        }
    }

    private void Write(long offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_types.AsSpan((int)offset), value);
}
