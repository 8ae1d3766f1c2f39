using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Loading;

/// <summary>Finds out whether a map's value holds what the kernel manages: timers, work, lists, trees, pointers to its objects. Replacing or removing the value frees them.</summary>
internal static class KernelFields
{
    private const int MostLevels = 16;

    /// <summary>True where there is one, and where the types are nested too deeply to say.</summary>
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
                // __kptr, __percpu_kptr, __uptr and the like are tags of what is pointed to.
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
