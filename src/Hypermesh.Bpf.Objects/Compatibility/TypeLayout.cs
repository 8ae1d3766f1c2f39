using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Compatibility;

/// <summary>
/// Compares types of two objects as generated C# sees them: sizes, signs, names and offsets of members, lengths of arrays, values of constants. The targets of pointers
/// and the names of typedefs are not compared, except for typedefs that mark a number as being in network byte order.
/// </summary>
internal sealed class TypeLayout(BtfTypes first, BtfTypes second, List<string> differences)
{
    private const int DeepestNesting = 64;

    private static readonly HashSet<string> s_networkOrder = new(StringComparer.Ordinal) { "__be16", "__be32", "__be64" };

    private readonly HashSet<(int First, int Second)> _compared = [];

    /// <summary>Adds the differences between two types.</summary>
    /// <param name="what">The map, variable or member that has the type, for messages.</param>
    /// <param name="firstId">The type in the first object.</param>
    /// <param name="secondId">The type in the second object.</param>
    public void Compare(string what, int firstId, int secondId) => Compare(what, firstId, secondId, 0);

    private void Compare(string what, int firstId, int secondId, int depth)
    {
        if (IsInNetworkOrder(first, firstId) != IsInNetworkOrder(second, secondId))
        {
            differences.Add($"{what} is in {(IsInNetworkOrder(second, secondId) ? "network byte order and was in the machine's" : "the machine's byte order and was in network byte order")}");
            return;
        }

        BtfType one = first[first.SkipModifiers(firstId)];
        BtfType two = second[second.SkipModifiers(secondId)];
        if (one.Kind != two.Kind)
        {
            differences.Add($"{what} is {Describe(two)} and was {Describe(one)}");
        }
        else if (depth > DeepestNesting)
        {
            differences.Add($"{what} is nested more than {DeepestNesting} deep");
        }
        else if (_compared.Add((one.Id, two.Id)))
        {
            CompareKind(what, one, two, depth);
        }
    }

    private void CompareKind(string what, BtfType one, BtfType two, int depth)
    {
        switch (one.Kind)
        {
            case BtfKind.Int when one.Size != two.Size || one.IntEncoding != two.IntEncoding:
            case BtfKind.Float when one.Size != two.Size:
                differences.Add($"{what} is {Describe(two)} and was {Describe(one)}");
                break;
            case BtfKind.Array when one.Array.Count != two.Array.Count:
                differences.Add($"{what} has {two.Array.Count} elements and had {one.Array.Count}");
                break;
            case BtfKind.Array:
                Compare($"an element of {what}", one.Array.ElementTypeId, two.Array.ElementTypeId, depth + 1);
                break;
            case BtfKind.Struct or BtfKind.Union:
                CompareMembers(Subject(what, one), one, two, depth);
                break;
            case BtfKind.Enum or BtfKind.Enum64:
                CompareConstants(Subject(what, one), one, two);
                break;
        }
    }

    private void CompareMembers(string what, BtfType one, BtfType two, int depth)
    {
        if (one.Size != two.Size)
        {
            differences.Add($"{what} has {two.Size} bytes and had {one.Size}");
        }

        Dictionary<string, BtfMember> members = new(StringComparer.Ordinal);
        for (int i = 0; i < two.Length; i++)
        {
            members[NameOf(second, two.Member(i), i)] = two.Member(i);
        }

        for (int i = 0; i < one.Length; i++)
        {
            BtfMember before = one.Member(i);
            string name = NameOf(first, before, i);
            if (!members.TryGetValue(name, out BtfMember now))
            {
                differences.Add($"{what} has no member '{name}'");
                continue;
            }

            if (before.BitOffset != now.BitOffset || before.BitfieldSize != now.BitfieldSize)
            {
                differences.Add($"member '{name}' of {what} is at {Place(now)} and was at {Place(before)}");
            }

            Compare($"member '{name}' of {what}", before.TypeId, now.TypeId, depth + 1);
        }
    }

    // C# uses the constants by name, so additional ones are allowed.
    private void CompareConstants(string what, BtfType one, BtfType two)
    {
        if (one.Size != two.Size || one.KindFlag != two.KindFlag)
        {
            differences.Add($"{what} is {Describe(two)} and was {Describe(one)}");
        }

        Dictionary<string, ulong> constants = new(StringComparer.Ordinal);
        for (int i = 0; i < two.Length; i++)
        {
            constants[second.GetString(two.EnumValue(i).NameOffset)] = two.EnumValue(i).Value;
        }

        for (int i = 0; i < one.Length; i++)
        {
            string name = first.GetString(one.EnumValue(i).NameOffset);
            if (!constants.TryGetValue(name, out ulong value))
            {
                differences.Add($"{what} has no constant '{name}'");
            }
            else if (value != one.EnumValue(i).Value)
            {
                differences.Add($"constant '{name}' of {what} is {value} and was {one.EnumValue(i).Value}");
            }
        }
    }

    /// <summary>Whether a typedef marks a number as being in network byte order.</summary>
    public static bool IsInNetworkOrder(BtfTypes types, int id)
    {
        for (int hops = 0; hops < DeepestNesting && types[id] is { IsModifier: true } modifier; hops++)
        {
            if (modifier.Kind == BtfKind.Typedef && s_networkOrder.Contains(modifier.Name))
            {
                return true;
            }

            id = modifier.TypeId;
        }

        return false;
    }

    // An anonymous struct or union in another type is identified by its index.
    private static string NameOf(BtfTypes types, BtfMember member, int index) => types.GetString(member.NameOffset) is { Length: > 0 } name ? name : $"number {index}";

    private static string Place(BtfMember member)
        => member.BitfieldSize > 0 ? $"bit {member.BitOffset} with {member.BitfieldSize} bits" : member.BitOffset % 8 == 0 ? $"byte {member.BitOffset / 8}" : $"bit {member.BitOffset}";

    private static string Subject(string what, BtfType type) => type.Name.Length == 0 ? what : Describe(type);

    private static string Describe(BtfType type) => type.Kind switch
    {
        BtfKind.Void => "void",
        BtfKind.Int when (type.IntEncoding & BtfIntEncoding.Bool) != 0 => "a bool",
        BtfKind.Int => $"{((type.IntEncoding & BtfIntEncoding.Signed) != 0 ? "a signed" : "an unsigned")} number of {type.Size} bytes",
        BtfKind.Float => $"a floating-point number of {type.Size} bytes",
        BtfKind.Pointer => "a pointer",
        BtfKind.Array => "an array",
        BtfKind.Enum or BtfKind.Enum64 when type.Name.Length == 0 => $"an enum of {type.Size} bytes",
        BtfKind.Enum or BtfKind.Enum64 => $"enum {type.Name}",
        BtfKind.Struct => type.Name.Length == 0 ? "a struct" : $"struct {type.Name}",
        BtfKind.Union => type.Name.Length == 0 ? "a union" : $"union {type.Name}",
        _ => $"{type.Kind} {type.Name}",
    };
}
