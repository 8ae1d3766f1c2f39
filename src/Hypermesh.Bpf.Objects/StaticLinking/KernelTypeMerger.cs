using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>
/// Merges the types of several kernels, for one header of all of them. Equal types are merged. Different types with one name are both kept, and the C names the
/// second <c>name___2</c>, which CO-RE ignores as a flavour. Structs are equal when their own members are equal. Structs that they only point to are compared by name, because
/// otherwise a change of one struct would change nearly all.
/// </summary>
internal sealed class KernelTypeMerger
{
    private const int NameOnly = 3;
    private const int KindShift = 24;
    private const uint UnionFlag = 1u << 31;
    private const int MostModifiers = 64;

    private readonly List<uint[]> _records = [];
    private readonly LinkedStrings _strings;
    private readonly Dictionary<(uint Name, bool IsUnion), uint> _forwards = [];
    private string _source = "";

    private KernelTypeMerger(LinkedStrings strings) => _strings = strings;

    /// <summary>Merges the types; those of the first kernel keep their names.</summary>
    /// <param name="kernels">The types of each kernel, the most important first.</param>
    /// <exception cref="BpfObjectFormatException">Some types are malformed.</exception>
    public static BtfTypes Merge(IReadOnlyList<BtfTypes> kernels)
    {
        var merger = new KernelTypeMerger(new LinkedStrings(kernels.Sum(static types => 2L * types.Strings.Length)));
        foreach (BtfTypes types in kernels)
        {
            merger.Append(types);
        }

        List<uint[]> kept = merger.Join();
        string source = string.Join(" and ", kernels.Select(static types => types.Source));
        return BtfTypes.Read(LinkedBtf.Write(kept, merger._strings.ToArray(), isLittleEndian: true), source);
    }

    /// <summary>Reads and merges the types of one or more kernels. A module that carries the types it was built against (<c>.BTF.base</c>) may follow its kernel.</summary>
    /// <param name="paths">The files, the most important first.</param>
    /// <param name="read">Reads one file; it relocates such a module to the kernel in its second argument.</param>
    internal static BtfTypes ReadAll(IEnumerable<string> paths, Func<string, BtfTypes?, BtfTypes> read)
    {
        var kernels = new List<BtfTypes>();
        foreach (string path in paths)
        {
            kernels.Add(read(path, kernels.Count > 0 && kernels[0].Base is null ? kernels[0] : null));
        }

        return kernels.Count == 1 ? kernels[0] : Merge(kernels);
    }

    private void Append(BtfTypes types)
    {
        _source = types.Source;
        var moved = new Dictionary<uint, uint>();
        uint before = (uint)_records.Count;
        for (int id = 1; id < types.Count; id++)
        {
            uint[] record = BtfRecord.Copy(types[id]);
            BtfRecord.MapNames(record, offset => moved.TryGetValue(offset, out uint name) ? name : moved[offset] = _strings.Name(types.GetString(offset)));
            BtfRecord.MapTypes(record, target => target == 0 ? 0 : target + before);
            _records.Add(record);
            if (_strings.IsTooLarge)
            {
                throw new BpfObjectFormatException(_source, ".BTF", null, "its strings overlap");
            }
        }

        for (int id = 1; id < types.Count; id++)
        {
            uint[] record = _records[(int)before + id - 1];
            if (BtfRecord.Kind(record) == BtfKind.Pointer)
            {
                record[2] = Pointee(record[2]);
            }
        }
    }

    // A pointer to a named struct becomes a pointer to a forward declaration of that name, behind the same modifiers (such as const).
    private uint Pointee(uint id)
    {
        var between = new Stack<uint[]>();
        uint target = id;
        while (target != 0)
        {
            uint[] record = _records[(int)target - 1];
            BtfKind kind = BtfRecord.Kind(record);
            if (kind is BtfKind.Struct or BtfKind.Union && record[0] != 0)
            {
                return Wrap(Forward(record[0], kind == BtfKind.Union), between);
            }

            if (kind is not (BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag))
            {
                break;
            }

            if (between.Count == MostModifiers)
            {
                throw new BpfObjectFormatException(_source, ".BTF", null, $"type {id} is a chain of more than {MostModifiers} modifiers");
            }

            between.Push(record);
            target = record[2];
        }

        return id;
    }

    private uint Wrap(uint target, Stack<uint[]> modifiers)
    {
        foreach (uint[] modifier in modifiers)
        {
            _records.Add([modifier[0], modifier[1], target]);
            target = (uint)_records.Count;
        }

        return target;
    }

    private uint Forward(uint name, bool isUnion)
    {
        if (!_forwards.TryGetValue((name, isUnion), out uint id))
        {
            var record = new uint[NameOnly];
            record[0] = name;
            record[1] = ((uint)BtfKind.Forward << KindShift) | (isUnion ? UnionFlag : 0);
            _records.Add(record);
            id = (uint)_records.Count;
            _forwards.Add((name, isUnion), id);
        }

        return id;
    }

    private List<uint[]> Join()
    {
        int[] numbers = BtfDeduplicator.Renumber(_records);
        var kept = new List<uint[]>();
        for (int i = 0; i < _records.Count; i++)
        {
            if (numbers[i + 1] > kept.Count)
            {
                BtfRecord.MapTypes(_records[i], id => (uint)numbers[id]);
                kept.Add(_records[i]);
            }
        }

        return kept;
    }
}
