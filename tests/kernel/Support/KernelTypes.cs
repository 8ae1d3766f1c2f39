using System.Buffers.Binary;
using System.Text;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// The running kernel's own types, by a reader of the tests' own: the code under test must not decide whether a test is skipped. It reads only names, which is all that
/// the tests need.
/// </summary>
internal sealed class KernelTypes
{
    private const string Path = "/sys/kernel/btf/vmlinux";
    private const int HeaderLength = 12;
    private const int Integer = 1;
    private const int Array = 3;
    private const int Struct = 4;
    private const int Union = 5;
    private const int Enum = 6;
    private const int Typedef = 8;
    private const int Function = 12;
    private const int Prototype = 13;
    private const int Variable = 14;
    private const int Section = 15;
    private const int DeclarationTag = 17;
    private const int Enum64 = 19;

    private static readonly Lazy<KernelTypes> s_running = new(static () => new KernelTypes(File.Exists(Path) ? File.ReadAllBytes(Path) : []));

    private readonly byte[] _bytes;
    private readonly int _strings;
    private readonly List<int> _places = [0];
    private readonly Dictionary<(int Kind, string Name), int> _ids = [];

    internal KernelTypes(byte[] bytes)
    {
        _bytes = bytes;
        if (bytes.Length == 0)
        {
            return;
        }

        int header = (int)Word(4);
        _strings = header + (int)Word(16);
        int end = header + (int)(Word(8) + Word(12));
        for (int at = header + (int)Word(8); at < end; at += HeaderLength + Rest(at))
        {
            _ids.TryAdd((KindAt(at), NameAt(at)), _places.Count);
            _places.Add(at);
        }
    }

    internal static KernelTypes Running => s_running.Value;

    /// <summary>True where the kernel has types to read.</summary>
    internal bool AreThere => _bytes.Length > 0;

    /// <summary>The number of a function; 0 where there is none.</summary>
    internal int FunctionId(string name) => _ids.GetValueOrDefault((Function, name));

    /// <summary>The number of a type with a name of its own; 0 where there is none.</summary>
    internal int TypedefId(string name) => _ids.GetValueOrDefault((Typedef, name));

    /// <summary>True where there is a variable of that name.</summary>
    internal bool HasVariable(string name) => _ids.ContainsKey((Variable, name));

    /// <summary>True where there is an enum of 64 bits of that name.</summary>
    internal bool HasEnum64(string name) => _ids.ContainsKey((Enum64, name));

    /// <summary>The number behind a constant of an enum, which may be one without a name (""); null where there is none.</summary>
    internal long? Constant(string @enum, string constant)
        => Constants(@enum).Where(one => one.Name == constant).Select(static one => (long?)one.Value).FirstOrDefault();

    /// <summary>True where an enum has the number; the constant that marks the end of the list does not count.</summary>
    internal bool HasNumber(string @enum, long number)
        => Constants(@enum).Any(one => one.Value == number && !one.Name.StartsWith("__MAX", StringComparison.Ordinal));

    /// <summary>True where a struct or union has the member, in whichever of the unnamed and named ones within it.</summary>
    internal bool HasMember(string type, string member)
        => new[] { Struct, Union }.Any(kind => _ids.TryGetValue((kind, type), out int id) && HasMember(id, member, 0));

    private IEnumerable<(string Name, long Value)> Constants(string @enum)
    {
        foreach (int at in _places.Skip(1).Where(at => KindAt(at) is Enum or Enum64 && NameAt(at) == @enum))
        {
            int size = KindAt(at) == Enum ? 8 : 12;
            for (int i = 0; i < LengthAt(at); i++)
            {
                int one = at + HeaderLength + (i * size);
                yield return (Text(Word(one)), Word(one + 4) | (size == 12 ? (long)Word(one + 8) << 32 : 0));
            }
        }
    }

    private bool HasMember(int id, string member, int depth)
    {
        int at = _places[id];
        while (KindAt(at) is Typedef or (>= 9 and <= 11) or 18)
        {
            at = _places[(int)Word(at + 8)];
        }

        if (KindAt(at) is not (Struct or Union) || depth > 6)
        {
            return false;
        }

        return Enumerable.Range(0, LengthAt(at)).Select(i => at + HeaderLength + (i * 12))
            .Any(one => Text(Word(one)) == member || (Word(one + 4) is > 0 and uint inner && HasMember((int)inner, member, depth + 1)));
    }

    // What follows a type's three words.
    private int Rest(int at) => KindAt(at) switch
    {
        Integer or Variable or DeclarationTag => 4,
        Array => 12,
        Struct or Union or Section or Enum64 => 12 * LengthAt(at),
        Enum or Prototype => 8 * LengthAt(at),
        <= Enum64 => 0,
        int kind => throw new InvalidDataException($"the kernel's types have one of kind {kind}, which this reader does not know"),
    };

    private int KindAt(int at) => at == 0 ? 0 : (int)((Word(at + 4) >> 24) & 0x1f);

    private int LengthAt(int at) => (int)(Word(at + 4) & 0xffff);

    private string NameAt(int at) => Text(Word(at));

    private string Text(uint offset)
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(_strings + (int)offset);
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));
}
