namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>Finds the names and type IDs in the words of a BTF record: its name, information, size or type, then the words of its kind.</summary>
internal static class BtfRecord
{
    public const int HeaderWords = 3;

    // By kind: whether the third word is a type; how many words follow once and how many of those are types; the words of an entry, and which of them are name and type.
    private static readonly Dictionary<BtfKind, (bool Refers, int Once, int OnceTypes, int Entry, int EntryName, int EntryType)> s_shapes = new()
    {
        [BtfKind.Int] = (false, 1, 0, 0, -1, -1),
        [BtfKind.Pointer] = (true, 0, 0, 0, -1, -1),
        [BtfKind.Array] = (false, 3, 2, 0, -1, -1),
        [BtfKind.Struct] = (false, 0, 0, 3, 0, 1),
        [BtfKind.Union] = (false, 0, 0, 3, 0, 1),
        [BtfKind.Enum] = (false, 0, 0, 2, 0, -1),
        [BtfKind.Forward] = (false, 0, 0, 0, -1, -1),
        [BtfKind.Typedef] = (true, 0, 0, 0, -1, -1),
        [BtfKind.Volatile] = (true, 0, 0, 0, -1, -1),
        [BtfKind.Const] = (true, 0, 0, 0, -1, -1),
        [BtfKind.Restrict] = (true, 0, 0, 0, -1, -1),
        [BtfKind.Function] = (true, 0, 0, 0, -1, -1),
        [BtfKind.FunctionPrototype] = (true, 0, 0, 2, 0, 1),
        [BtfKind.Variable] = (true, 1, 0, 0, -1, -1),
        [BtfKind.DataSection] = (false, 0, 0, 3, -1, 0),
        [BtfKind.Float] = (false, 0, 0, 0, -1, -1),
        [BtfKind.DeclarationTag] = (true, 1, 0, 0, -1, -1),
        [BtfKind.TypeTag] = (true, 0, 0, 0, -1, -1),
        [BtfKind.Enum64] = (false, 0, 0, 3, 0, -1),
    };

    public static BtfKind Kind(uint[] record) => (BtfKind)((record[1] >> 24) & 0x1f);

    /// <summary>Copies the words of a type from the blob that contains it, which for a module may be its base.</summary>
    public static uint[] Copy(BtfType type)
    {
        (_, int once, _, int entry, _, _) = s_shapes[type.Kind];
        var words = new uint[HeaderWords + once + (entry * type.Length)];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = type.Word(i);
        }

        return words;
    }

    /// <summary>Replaces each name offset.</summary>
    public static void MapNames(uint[] record, Func<uint, uint> map)
    {
        record[0] = map(record[0]);
        (_, int once, _, int entry, int name, _) = s_shapes[Kind(record)];
        for (int at = HeaderWords + once + name; name >= 0 && at < record.Length; at += entry)
        {
            record[at] = map(record[at]);
        }
    }

    /// <summary>Replaces each type ID.</summary>
    public static void MapTypes(uint[] record, Func<uint, uint> map)
    {
        for (int at = NextType(record, HeaderWords - 2); at >= 0; at = NextType(record, at))
        {
            record[at] = map(record[at]);
        }
    }

    /// <summary>Returns the index of the first word after <paramref name="at"/> that is a type ID; -1 when there is none.</summary>
    public static int NextType(uint[] record, int at)
    {
        (bool refers, int once, int onceTypes, int entry, _, int type) = s_shapes[Kind(record)];
        for (int next = at + 1; next < record.Length; next++)
        {
            int behind = next - HeaderWords - once;
            bool isType = next < HeaderWords ? refers && next == HeaderWords - 1
                : behind < 0 ? next - HeaderWords < onceTypes
                : type >= 0 && behind % entry == type;
            if (isType)
            {
                return next;
            }
        }

        return -1;
    }
}
