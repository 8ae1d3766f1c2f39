using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>Reads an access string such as <c>0:1:2</c>, using the object's own types.</summary>
internal static class CoreSpecParser
{
    /// <summary>Reads the access of a relocation.</summary>
    /// <returns>The description of the problem, or null for a valid access.</returns>
    public static string? TryParse(BtfTypes types, CoreRelocation relocation, out CoreSpec spec)
    {
        spec = new CoreSpec(types, relocation.TypeId);
        ReadOnlySpan<byte> access = types.GetStringBytes(relocation.AccessOffset);
        if (relocation.Kind.IsTypeBased())
        {
            return access.Length == 1 && access[0] == '0' ? null : "its access string is not \"0\"";
        }

        if (!TryReadIndex(ref access, out int first))
        {
            return "its access string is not a list of numbers";
        }

        int id = types.SkipModifiers(relocation.TypeId);
        if (relocation.Kind.IsEnumBased())
        {
            return AddConstant(spec, types[id], first, access);
        }

        if (!relocation.Kind.IsFieldBased())
        {
            return "its kind is not supported by this version";
        }

        if (!CoreSize.HasSize(types, id))
        {
            return "its type has no size";
        }

        spec.AddElement(id, first);
        return AddFields(spec, id, access);
    }

    private static string? AddConstant(CoreSpec spec, BtfType type, int index, ReadOnlySpan<byte> rest)
    {
        if (!type.IsEnum || !rest.IsEmpty || index >= type.Length)
        {
            return "its access string does not identify a constant of an enum";
        }

        spec.Name(type.Id, index, type.EnumValue(index).NameOffset);
        return null;
    }

    private static string? AddFields(CoreSpec spec, int id, ReadOnlySpan<byte> access)
    {
        BtfTypes types = spec.Types;
        while (!access.IsEmpty)
        {
            if (!TryReadIndex(ref access, out int index))
            {
                return "its access string is not a list of numbers";
            }

            if (spec.IsFull)
            {
                return $"its access string has more than {CoreSpec.MaximumSteps} steps";
            }

            id = types.SkipModifiers(id);
            BtfType type = types[id];
            if (type.IsComposite)
            {
                if (index >= type.Length)
                {
                    return $"its access string refers to member {index}, but the type has only {type.Length}";
                }

                BtfMember member = type.Member(index);
                spec.Enter(member);
                if (!types.GetStringBytes(member.NameOffset).IsEmpty)
                {
                    spec.Name(id, index, member.NameOffset);
                }

                id = member.TypeId;
            }
            else if (type.Kind == BtfKind.Array)
            {
                BtfArray array = type.Array;
                if (!spec.HasElement(array, index))
                {
                    return $"its access string refers to element {index}, but the array has only {array.Count}";
                }

                id = types.SkipModifiers(array.ElementTypeId);
                if (!CoreSize.HasSize(types, id))
                {
                    return "its access string refers to an element without a size";
                }

                spec.AddElement(id, index);
            }
            else
            {
                return $"its access string refers to a member of type {id}, which is not a struct, a union or an array";
            }
        }

        return null;
    }

    private static bool TryReadIndex(ref ReadOnlySpan<byte> access, out int index)
    {
        long value = 0;
        int i = 0;
        for (; i < access.Length && access[i] is >= (byte)'0' and <= (byte)'9' && value <= int.MaxValue; i++)
        {
            value = (value * 10) + (access[i] - '0');
        }

        index = (int)Math.Min(value, int.MaxValue);
        bool isSeparated = i == access.Length || (access[i] == ':' && i + 1 < access.Length);
        if (i == 0 || value > int.MaxValue || !isSeparated)
        {
            return false;
        }

        access = access.Slice(Math.Min(i + 1, access.Length));
        return true;
    }
}
