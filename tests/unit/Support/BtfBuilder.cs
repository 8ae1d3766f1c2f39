using System.Buffers.Binary;
using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>Writes small BTF blobs, type by type; each method returns the new type's id.</summary>
internal sealed class BtfBuilder(BtfBuilder? @base = null)
{
    private readonly List<uint> _words = [];
    private readonly List<byte> _strings = @base is null ? [0] : [];
    private readonly uint _firstString = @base is null ? 0 : @base._firstString + (uint)@base._strings.Count;
    private int _nextId = @base?._nextId ?? 1;

    public int Int(string name, uint size, BtfIntEncoding encoding = BtfIntEncoding.None, uint bitOffset = 0)
        => Add(BtfKind.Int, name, 0, size, ((uint)encoding << 24) | (bitOffset << 16) | (size * 8));

    public int Pointer(int type) => Add(BtfKind.Pointer, "", 0, (uint)type);

    public int Array(int element, uint count) => Add(BtfKind.Array, "", 0, 0, (uint)element, 1, count);

    public int Struct(string name, uint size, params (string Name, int Type, uint BitOffset)[] members)
        => Add(BtfKind.Struct, name, (uint)members.Length, size, Members(members));

    public int Union(string name, uint size, params (string Name, int Type, uint BitOffset)[] members)
        => Add(BtfKind.Union, name, (uint)members.Length, size, Members(members));

    public int Bitfields(string name, uint size, params (string Name, int Type, uint BitOffset, uint Bits)[] members)
        => Add(BtfKind.Struct, name, (uint)members.Length | Flag, size, [.. members.SelectMany(m => new[] { String(m.Name), (uint)m.Type, (m.Bits << 24) | m.BitOffset })]);

    public int Enum(string name, bool isSigned, params (string Name, int Value)[] constants)
        => Add(BtfKind.Enum, name, (uint)constants.Length | (isSigned ? Flag : 0), 4, [.. constants.SelectMany(c => new[] { String(c.Name), (uint)c.Value })]);

    public int Enum64(string name, bool isSigned, params (string Name, ulong Value)[] constants)
        => Add(BtfKind.Enum64, name, (uint)constants.Length | (isSigned ? Flag : 0), 8, [.. constants.SelectMany(c => new[] { String(c.Name), (uint)c.Value, (uint)(c.Value >> 32) })]);

    public int Forward(string name, bool isUnion = false) => Add(BtfKind.Forward, name, isUnion ? Flag : 0, 0);

    public int Typedef(string name, int type) => Add(BtfKind.Typedef, name, 0, (uint)type);

    public int Const(int type) => Add(BtfKind.Const, "", 0, (uint)type);

    public int Volatile(int type) => Add(BtfKind.Volatile, "", 0, (uint)type);

    public int Float(string name, uint size) => Add(BtfKind.Float, name, 0, size);

    public int Prototype(int result, params int[] parameters)
        => Add(BtfKind.FunctionPrototype, "", (uint)parameters.Length, (uint)result, [.. parameters.SelectMany(p => new[] { 0u, (uint)p })]);

    public int Function(string name, int prototype) => Add(BtfKind.Function, name, 1, (uint)prototype);

    /// <summary>A record as given, right or wrong.</summary>
    public int Add(BtfKind kind, string name, uint lengthAndFlag, uint sizeOrType, params uint[] rest) => Named(kind, String(name), lengthAndFlag, sizeOrType, rest);

    /// <summary>The same, with a name that is there.</summary>
    public int Named(BtfKind kind, uint name, uint lengthAndFlag, uint sizeOrType, params uint[] rest)
    {
        _words.Add(name);
        _words.Add(((uint)kind << 24) | lengthAndFlag);
        _words.Add(sizeOrType);
        _words.AddRange(rest);
        return _nextId++;
    }

    public uint String(string text)
    {
        if (text.Length == 0)
        {
            return 0;
        }

        uint offset = _firstString + (uint)_strings.Count;
        _strings.AddRange(Encoding.UTF8.GetBytes(text));
        _strings.Add(0);
        return offset;
    }

    public byte[] Build(bool isLittleEndian = true)
    {
        uint typesLength = (uint)_words.Count * 4;
        uint[] header = [0, 24, 0, typesLength, typesLength, (uint)_strings.Count];
        var blob = new byte[24 + typesLength + _strings.Count];
        int at = 0;
        foreach (uint word in header.Concat(_words))
        {
            Write(blob.AsSpan(at), word, isLittleEndian);
            at += 4;
        }

        _strings.CopyTo(blob, at);
        blob[0] = (byte)(isLittleEndian ? 0x9f : 0xeb);
        blob[1] = (byte)(isLittleEndian ? 0xeb : 0x9f);
        blob[2] = 1;
        blob[3] = 0;
        return blob;
    }

    public BtfTypes Types(string source = "kernel", BtfTypes? baseTypes = null, bool isLittleEndian = true)
        => BtfTypes.Read(Build(isLittleEndian), source, baseTypes);

    private const uint Flag = 1u << 31;

    private static void Write(Span<byte> at, uint word, bool isLittleEndian)
    {
        if (isLittleEndian)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(at, word);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(at, word);
        }
    }

    private uint[] Members((string Name, int Type, uint BitOffset)[] members)
        => [.. members.SelectMany(m => new[] { String(m.Name), (uint)m.Type, m.BitOffset })];
}
