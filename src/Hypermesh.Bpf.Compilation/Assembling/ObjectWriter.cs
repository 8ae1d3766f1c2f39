using System.Text;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Compilation.Assembling;

/// <summary>
/// Writes a compiled object as clang does: programs in sections of their own, maps in <c>.maps</c>, counters in <c>.bss</c>, zeroes in <c>.rodata</c>, their types as BTF.
/// </summary>
internal sealed class ObjectWriter
{
    private const ulong Allocated = 0x2;
    private const ulong Writable = 0x1;
    private const ulong Executable = 0x4;
    private const uint Relocation64 = 1;
    private const string Licence = "GPL\0";

    private readonly ElfWriter _file = new(BitConverter.IsLittleEndian);
    private readonly ElfWriter _table = new(BitConverter.IsLittleEndian);
    private readonly ElfWriter _names = new(BitConverter.IsLittleEndian);
    private readonly Dictionary<string, uint> _nameOffsets = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Type, int Size)> _maps = [];
    private readonly List<(string Section, string Name, byte[] Code, IReadOnlyList<SymbolReference> References)> _programs = [];
    private readonly List<string> _counters = [];
    private readonly List<(string Name, int Offset, int Size, int Section, ElfSymbolType Type)> _symbols = [];
    private int _zeroes;
    private int _sections;

    /// <summary>The types of maps and their entries.</summary>
    internal BtfWriter Types { get; } = new();

    internal int U64 => Types.Integer("unsigned long long", sizeof(ulong), BtfIntEncoding.None);

    /// <summary>Adds a map.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="entries">The number of entries, or bytes of a ring buffer.</param>
    /// <param name="key">The type of keys; 0 for none.</param>
    /// <param name="value">The type of values or records; 0 for none.</param>
    internal void AddMap(string name, BpfMapType type, int entries, int key, int value)
    {
        var members = new List<(string, int, int)> { ("type", Number((int)type), 0), ("max_entries", Number(entries), BtfTypes.PointerSize) };
        if (key != 0)
        {
            members.Add(("key", Types.Pointer(key), members.Count * BtfTypes.PointerSize));
        }

        if (value != 0)
        {
            members.Add(("value", Types.Pointer(value), members.Count * BtfTypes.PointerSize));
        }

        int size = members.Count * BtfTypes.PointerSize;
        _maps.Add((name, Types.Struct("", size, members), size));
    }

    /// <summary>Adds a global counter of 64 bits.</summary>
    internal void AddCounter(string name) => _counters.Add(name);

    /// <summary>Adds zeroes, under a name, for values that are too large for the stack.</summary>
    internal void AddZeroes(int size) => _zeroes = size;

    internal const string Zeroes = "zeroes";

    internal void AddProgram(string section, string name, CodeWriter code) => _programs.Add((section, name, code.ToArray(), code.References));

    internal byte[] ToArray()
    {
        WriteHeader();
        _names.Append([0]);
        _table.Append(new byte[ElfSectionTable.EntrySize]);
        _sections = 1;
        AddSection("license", ElfSectionType.Contents, Allocated | Writable, Encoding.ASCII.GetBytes(Licence));
        AddMaps();
        AddData();
        var relocated = new List<(int Section, string Name, IReadOnlyList<SymbolReference> References)>();
        foreach ((string section, string name, byte[] code, IReadOnlyList<SymbolReference> references) in _programs)
        {
            _symbols.Add((name, 0, code.Length, _sections, ElfSymbolType.Function));
            relocated.Add((_sections, section, references));
            AddSection(section, ElfSectionType.Contents, Allocated | Executable, code);
        }

        int symbolTable = _sections + relocated.Count(static one => one.References.Count > 0) + 1;
        foreach ((int section, string name, IReadOnlyList<SymbolReference> references) in relocated.Where(static one => one.References.Count > 0))
        {
            AddSection(".rel" + name, ElfSectionType.Relocations, 0, Relocations(references), ElfReader.RelocationSize, symbolTable, section);
        }

        AddSection(".BTF", ElfSectionType.Contents, 0, Types.ToArray());
        AddSection(".symtab", ElfSectionType.SymbolTable, 0, Symbols(), ElfReader.SymbolSize, symbolTable + 1, info: 1);
        _ = Name(".strtab");
        AddSection(".strtab", ElfSectionType.StringTable, 0, _names.ToArray());
        _file.Align(sizeof(ulong));
        return _file.Finish(_table.ToArray(), symbolTable + 1);
    }

    // __uint(x, N) is a pointer to an array of N integers.
    private int Number(int value) => Types.Pointer(Types.Array(Types.Integer("int", sizeof(int), BtfIntEncoding.Signed), value));

    private void AddMaps()
    {
        var variables = new List<(int, int)>();
        int offset = 0;
        foreach ((string name, int type, int size) in _maps)
        {
            variables.Add((Types.Variable(name, type), offset));
            _symbols.Add((name, offset, size, _sections, ElfSymbolType.Object));
            offset += size;
        }

        Types.DataSection(".maps", offset, variables);
        AddSection(".maps", ElfSectionType.Contents, Allocated | Writable, new byte[offset]);
    }

    private void AddData()
    {
        if (_counters.Count > 0)
        {
            Types.DataSection(".bss", _counters.Count * sizeof(ulong), [.. _counters.Select((name, index) => (Types.Variable(name, U64), index * sizeof(ulong)))]);
            _symbols.AddRange(_counters.Select((name, index) => (name, index * sizeof(ulong), sizeof(ulong), _sections, ElfSymbolType.Object)));
            AddSection(".bss", ElfSectionType.Contents, Allocated | Writable, new byte[_counters.Count * sizeof(ulong)]);
        }

        if (_zeroes > 0)
        {
            // Without a type, because nobody reads it.
            _symbols.Add((Zeroes, 0, _zeroes, _sections, ElfSymbolType.Object));
            AddSection(".rodata", ElfSectionType.Contents, Allocated, new byte[_zeroes]);
        }
    }

    private void WriteHeader()
    {
        byte[] header = new byte[ElfImage.HeaderSize];
        ReadOnlySpan<byte> identification = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, (byte)(BitConverter.IsLittleEndian ? 1 : 2), 1];
        identification.CopyTo(header);
        _file.PutU16(header.AsSpan(16), 1);
        _file.PutU16(header.AsSpan(18), ElfObject.BpfMachine);
        _file.PutU32(header.AsSpan(20), 1);
        _file.PutU16(header.AsSpan(52), ElfImage.HeaderSize);
        _file.PutU16(header.AsSpan(58), ElfSectionTable.EntrySize);
        _file.Append(header);
    }

    private void AddSection(string name, ElfSectionType type, ulong flags, byte[] contents, int entrySize = 0, int link = 0, int info = 0)
    {
        _file.Align(sizeof(ulong));
        _table.AppendU32(Name(name));
        _table.AppendU32((uint)type);
        _table.AppendU64(flags);
        _table.AppendU64(0);
        _table.AppendU64((ulong)_file.Length);
        _table.AppendU64((ulong)contents.Length);
        _table.AppendU32((uint)link);
        _table.AppendU32((uint)info);
        _table.AppendU64(sizeof(ulong));
        _table.AppendU64((ulong)entrySize);
        _file.Append(contents);
        _sections++;
    }

    private byte[] Relocations(IReadOnlyList<SymbolReference> references)
    {
        var entries = new ElfWriter(BitConverter.IsLittleEndian);
        foreach (SymbolReference reference in references)
        {
            int symbol = 1 + _symbols.FindIndex(one => one.Name == reference.Symbol);
            entries.AppendU64((ulong)(reference.Instruction * BpfInstruction.Size));
            entries.AppendU64(((ulong)symbol << 32) | Relocation64);
        }

        return entries.ToArray();
    }

    private byte[] Symbols()
    {
        var entries = new ElfWriter(BitConverter.IsLittleEndian);
        entries.Append(new byte[ElfReader.SymbolSize]);
        foreach ((string name, int offset, int size, int section, ElfSymbolType type) in _symbols)
        {
            byte[] index = new byte[sizeof(ushort)];
            entries.PutU16(index, checked((ushort)section));
            entries.AppendU32(Name(name));
            entries.Append([(byte)(((int)ElfSymbolBinding.Global << 4) | (int)type), 0]);
            entries.Append(index);
            entries.AppendU64((ulong)offset);
            entries.AppendU64((ulong)size);
        }

        return entries.ToArray();
    }

    private uint Name(string name)
    {
        if (!_nameOffsets.TryGetValue(name, out uint offset))
        {
            offset = (uint)_names.Length;
            _names.Append(Encoding.UTF8.GetBytes(name));
            _names.Append([0]);
            _nameOffsets.Add(name, offset);
        }

        return offset;
    }
}
