using System.Buffers.Binary;
using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>Changes types in place, each keeping its number and its length, and appends what is new: names and types.</summary>
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

    /// <summary>A type of one byte, behind all others.</summary>
    public uint Placeholder => _placeholder ??= Append(Name(PlaceholderName), (uint)BtfKind.Int << 24, 1, 8);

    /// <summary>Puts a type behind all others.</summary>
    /// <param name="record">Its words.</param>
    /// <returns>Its number.</returns>
    public uint Append(params uint[] record)
    {
        _appended.AddRange(record);
        return _next++;
    }

    /// <summary>Gives a type another kind, without the kind flag.</summary>
    public void Become(BtfType type, BtfKind kind, int length, uint? size = null)
    {
        Write(type.Offset + 4, ((uint)kind << 24) | (uint)length);
        if (size is { } given)
        {
            Write(type.Offset + 8, given);
        }
    }

    public void Rename(BtfType type, string name) => Write(type.Offset, Name(name));

    /// <summary>Writes a word of an entry behind the record.</summary>
    public void SetEntryWord(BtfType type, int entry, int word, int wordsPerEntry, uint value)
        => Write(type.Offset + RecordSize + (sizeof(uint) * (((long)entry * wordsPerEntry) + word)), value);

    /// <summary>Puts a name behind all others.</summary>
    /// <returns>Where it stands.</returns>
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

    /// <summary>The blob, with the plainest header.</summary>
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
