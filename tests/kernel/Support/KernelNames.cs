using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>What the running kernel's own types name, whatever its version is: a thing whose name they lack the kernel has not.</summary>
internal static class KernelNames
{
    /// <summary>True where an enum has the number; what only marks the end of the list does not count.</summary>
    internal static bool HasNumber(string @enum, uint number)
        => Any(@enum, BtfKind.Enum, (types, type) => Constants(type).Any(constant => constant.Value == number && !Name(types, constant).StartsWith("__MAX", StringComparison.Ordinal)));

    /// <summary>True where an enum, which may be one without a name (""), has the constant.</summary>
    internal static bool HasConstant(string @enum, string constant)
        => Any(@enum, BtfKind.Enum, (types, type) => Constants(type).Any(one => Name(types, one) == constant));

    /// <summary>True where a struct or union has the member, in whichever of the unnamed and named ones within it.</summary>
    internal static bool HasMember(string type, string member)
        => Any(type, BtfKind.Union, (types, found) => HasMember(types, found, member)) || Any(type, BtfKind.Struct, (types, found) => HasMember(types, found, member));

    /// <summary>True where the kernel has the function.</summary>
    internal static bool HasFunction(string name)
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        return kernel.Types.Find(name, BtfKind.Function) != 0;
    }

    private static bool HasMember(BtfTypes types, BtfType type, string member)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfType inner = types[types.SkipModifiers(type.Member(i).TypeId)];
            if (types.GetString(type.Member(i).NameOffset) == member || (inner.Kind is BtfKind.Struct or BtfKind.Union && HasMember(types, inner, member)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Any(string name, BtfKind kind, Func<BtfTypes, BtfType, bool> fits)
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        BtfTypes types = kernel.Types;
        int found = name.Length > 0 ? types.Find(name, kind) : 0;
        return name.Length > 0
            ? found != 0 && fits(types, types[found])
            : Enumerable.Range(1, types.Count - 1).Any(id => types[id].Kind == kind && types[id].NameBytes.IsEmpty && fits(types, types[id]));
    }

    private static IEnumerable<BtfEnumValue> Constants(BtfType type) => Enumerable.Range(0, type.Length).Select(type.EnumValue);

    private static string Name(BtfTypes types, BtfEnumValue constant) => types.GetString(constant.NameOffset);
}
