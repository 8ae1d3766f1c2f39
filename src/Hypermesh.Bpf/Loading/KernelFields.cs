using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Loading;

/// <summary>Determines whether a map's value has fields that the kernel manages (timers, work, lists, trees, pointers to its objects), which it frees when the value is replaced or removed.</summary>
internal static class KernelFields
{
    private const int MostLevels = 16;

    /// <summary>True if there is such a field, or if the types are nested too deeply to determine it.</summary>
    internal static bool AreIn(BtfTypes types, int id) => AreIn(types, id, new HashSet<int>(), MostLevels);

    private static bool AreIn(BtfTypes types, int id, HashSet<int> seen, int levels)
    {
        id = types.SkipModifiers(id);
        BtfType type = types[id];
        switch (type.Kind)
        {
            case BtfKind.Array:
                return levels == 0 || AreIn(types, type.Array.ElementTypeId, seen, levels - 1);
            case BtfKind.Pointer:
                // __kptr, __percpu_kptr, __uptr and similar are tags on the pointed-to type.
                return types[type.TypeId].Kind == BtfKind.TypeTag;
            case BtfKind.Struct or BtfKind.Union when seen.Add(id):
                if (levels == 0 || (type.NameBytes.StartsWith("bpf_"u8) && !type.NameBytes.SequenceEqual("bpf_spin_lock"u8)))
                {
                    return true;
                }

                for (int i = 0; i < type.Length; i++)
                {
                    if (AreIn(types, type.Member(i).TypeId, seen, levels - 1))
                    {
                        return true;
                    }
                }

                return false;
            default:
                return false;
        }
    }
}
