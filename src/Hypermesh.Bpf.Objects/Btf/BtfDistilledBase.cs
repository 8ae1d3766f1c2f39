using System.Text;
using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>
/// Relocates the types of a module that was not built for one particular kernel to the types of a given kernel. Such a module carries in <c>.BTF.base</c> the few
/// kernel types it needs, by name, kind and size. Each of them is looked up in the kernel, and all type IDs and name offsets are rewritten.
/// </summary>
internal sealed class BtfDistilledBase
{
    private readonly BtfTypes _split;
    private readonly BtfTypes _distilled;
    private readonly BtfTypes _kernel;
    private readonly string _source;
    private readonly uint _ownStrings;
    private readonly uint _kernelStrings;
    private readonly Dictionary<uint, uint> _moved = [];
    private readonly List<byte> _strings;

    private BtfDistilledBase(BtfTypes split, BtfTypes distilled, BtfTypes kernel, string source)
    {
        _split = split;
        _distilled = distilled;
        _kernel = kernel;
        _source = source;
        _ownStrings = split.FirstString;
        _kernelStrings = kernel.FirstString + (uint)kernel.Strings.Length;
        _strings = [.. split.Strings.ToArray()];
    }

    /// <summary>Returns the types on their new base.</summary>
    /// <param name="split">The types on the distilled base.</param>
    /// <param name="distilled">The distilled base.</param>
    /// <param name="kernel">The new base.</param>
    /// <param name="source">A name for messages.</param>
    /// <exception cref="BpfObjectFormatException">The kernel does not have a type of the base, or has it more than once.</exception>
    public static BtfTypes Relocate(BtfTypes split, BtfTypes distilled, BtfTypes kernel, string source)
        => BtfTypes.Read(new BtfDistilledBase(split, distilled, kernel, source).Write(), source, kernel);

    private byte[] Write()
    {
        uint[] numbers = [.. Enumerable.Range(0, _distilled.Count).Select(id => (uint)Find(_distilled[id]))];
        var types = new ElfWriter(_split.IsLittleEndian);
        for (int id = _split.FirstId; id < _split.Count; id++)
        {
            uint[] record = BtfRecord.Copy(_split[id]);
            BtfRecord.MapNames(record, MoveName);
            BtfRecord.MapTypes(record, old => old < numbers.Length ? numbers[old] : (uint)(old - _distilled.Count + _kernel.Count));
            foreach (uint word in record)
            {
                types.AppendU32(word);
            }
        }

        var blob = new ElfWriter(_split.IsLittleEndian);
        const int HeaderSize = 24;
        LinkedBtf.AppendHeader(blob, HeaderSize);
        foreach (uint word in new uint[] { 0, (uint)types.Length, (uint)types.Length, (uint)_strings.Count })
        {
            blob.AppendU32(word);
        }

        blob.Append(types.ToArray());
        blob.Append([.. _strings]);
        return blob.ToArray();
    }

    private int Find(BtfType wanted)
    {
        if (wanted.Id == 0)
        {
            return 0;
        }

        int found = 0;
        byte[] name = wanted.NameBytes.ToArray();
        foreach (int id in _kernel.Names.Bucket(name))
        {
            if (!_kernel[id].NameBytes.SequenceEqual(name) || !AreSame(wanted, _kernel[id]))
            {
                continue;
            }

            if (found != 0)
            {
                throw Unfit(wanted, "has more than one");
            }

            found = id;
        }

        return found != 0 ? found : throw Unfit(wanted, "has none");
    }

    // The base has a struct that is only pointed to as a forward declaration, and a contained struct or an enum without its members, but with its size.
    private static bool AreSame(BtfType wanted, BtfType there) => wanted.Kind switch
    {
        BtfKind.Int => there.Kind == BtfKind.Int && there.Size == wanted.Size && there.IntEncoding == wanted.IntEncoding,
        BtfKind.Float => there.Kind == BtfKind.Float && there.Size == wanted.Size,
        BtfKind.Enum or BtfKind.Enum64 => there.IsEnum && there.Size == wanted.Size,
        BtfKind.Struct or BtfKind.Union => there.Kind == wanted.Kind && there.Size == wanted.Size,
        BtfKind.Forward => there.Kind == (wanted.KindFlag ? BtfKind.Union : BtfKind.Struct),
        _ => false,
    };

    // The kernel's strings need not contain a name of the base, so the name is appended to the module's own strings.
    private uint MoveName(uint name)
    {
        if (name == 0 || name >= _ownStrings)
        {
            return name == 0 ? 0 : name - _ownStrings + _kernelStrings;
        }

        if (!_moved.TryGetValue(name, out uint moved))
        {
            moved = _kernelStrings + (uint)_strings.Count;
            _strings.AddRange(_distilled.GetStringBytes(name).ToArray());
            _strings.Add(0);
            _moved.Add(name, moved);
        }

        return moved;
    }

    private BpfObjectFormatException Unfit(BtfType wanted, string what)
        => new(_source, ".BTF.base", null, $"the module was built against {wanted.Kind.ToString().ToLowerInvariant()} {Encoding.UTF8.GetString(wanted.NameBytes.ToArray())}, of which {_kernel.Source} {what}");
}
