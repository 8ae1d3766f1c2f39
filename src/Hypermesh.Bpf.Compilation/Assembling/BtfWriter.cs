using System.Text;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Compilation.Assembling;

/// <summary>Writes types as BTF. Each method adds one type and returns its ID; integers that exist already are used again.</summary>
internal sealed class BtfWriter
{
    private const int HeaderSize = 24;
    private const byte Version = 1;
    private const uint BitsOfByte = 8;

    private readonly ElfWriter _types = new(BitConverter.IsLittleEndian);
    private readonly ElfWriter _strings = new(BitConverter.IsLittleEndian);
    private readonly Dictionary<string, uint> _offsets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _integers = new(StringComparer.Ordinal);
    private readonly List<int> _sizes = [0];

    internal BtfWriter() => _strings.Append([0]);

    /// <summary>The size of a type in bytes.</summary>
    internal int SizeOf(int type) => _sizes[type];

    internal int Integer(string name, int size, BtfIntEncoding encoding)
    {
        if (!_integers.TryGetValue(name, out int id))
        {
            id = Begin(name, BtfKind.Int, 0, (uint)size, size);
            _types.AppendU32(((uint)encoding << 24) | ((uint)size * BitsOfByte));
            _integers.Add(name, id);
        }

        return id;
    }

    internal int Pointer(int type) => Begin("", BtfKind.Pointer, 0, (uint)type, BtfTypes.PointerSize);

    internal int Array(int element, int count)
    {
        int index = Integer("int", sizeof(int), BtfIntEncoding.Signed);
        int id = Begin("", BtfKind.Array, 0, 0, SizeOf(element) * count);
        _types.AppendU32((uint)element);
        _types.AppendU32((uint)index);
        _types.AppendU32((uint)count);
        return id;
    }

    /// <summary>Adds a struct; the caller states the places of its members, in bytes.</summary>
    internal int Struct(string name, int size, IReadOnlyList<(string Name, int Type, int Offset)> members)
    {
        int id = Begin(name, BtfKind.Struct, members.Count, (uint)size, size);
        foreach ((string member, int type, int offset) in members)
        {
            _types.AppendU32(Name(member));
            _types.AppendU32((uint)type);
            _types.AppendU32((uint)offset * BitsOfByte);
        }

        return id;
    }

    /// <summary>Adds a global variable.</summary>
    internal int Variable(string name, int type)
    {
        const uint Global = 1;
        int id = Begin(name, BtfKind.Variable, 0, (uint)type, SizeOf(type));
        _types.AppendU32(Global);
        return id;
    }

    /// <summary>Adds the variables of a section, with their offsets.</summary>
    internal void DataSection(string name, int size, IReadOnlyList<(int Variable, int Offset)> variables)
    {
        _ = Begin(name, BtfKind.DataSection, variables.Count, (uint)size, size);
        foreach ((int variable, int offset) in variables)
        {
            _types.AppendU32((uint)variable);
            _types.AppendU32((uint)offset);
            _types.AppendU32((uint)SizeOf(variable));
        }
    }

    internal byte[] ToArray()
    {
        var blob = new ElfWriter(BitConverter.IsLittleEndian);
        byte[] start = new byte[4];
        blob.PutU16(start, BtfTypes.Magic);
        start[2] = Version;
        blob.Append(start);
        blob.AppendU32(HeaderSize);
        blob.AppendU32(0);
        blob.AppendU32((uint)_types.Length);
        blob.AppendU32((uint)_types.Length);
        blob.AppendU32((uint)_strings.Length);
        blob.Append(_types.ToArray());
        blob.Append(_strings.ToArray());
        return blob.ToArray();
    }

    private int Begin(string name, BtfKind kind, int entries, uint sizeOrType, int size)
    {
        _types.AppendU32(Name(name));
        _types.AppendU32(((uint)kind << 24) | (uint)entries);
        _types.AppendU32(sizeOrType);
        _sizes.Add(size);
        return _sizes.Count - 1;
    }

    private uint Name(string name)
    {
        if (name.Length == 0)
        {
            return 0;
        }

        if (!_offsets.TryGetValue(name, out uint offset))
        {
            offset = (uint)_strings.Length;
            _strings.Append(Encoding.UTF8.GetBytes(name));
            _strings.Append([0]);
            _offsets.Add(name, offset);
        }

        return offset;
    }
}
