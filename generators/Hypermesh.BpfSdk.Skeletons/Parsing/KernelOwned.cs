using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>
/// The parts of a value that only the kernel uses: locks, timers, lists, pointers with a reference count. A read returns zeros for them and a write skips them, so they
/// have their bytes in a struct and no public member.
/// </summary>
internal static class KernelOwned
{
    private static readonly HashSet<string> s_structs = new(StringComparer.Ordinal)
    {
        "bpf_dynptr", "bpf_list_head", "bpf_list_node", "bpf_rb_node", "bpf_rb_root", "bpf_refcount", "bpf_res_spin_lock", "bpf_spin_lock", "bpf_task_work",
        "bpf_timer", "bpf_wq",
    };

    // Type tags of pointers, without uptr, which user space sets.
    private static readonly HashSet<string> s_pointers = new(StringComparer.Ordinal) { "kptr", "kptr_ref", "kptr_untrusted", "percpu_kptr" };

    /// <summary>Returns true for a struct that only the kernel uses.</summary>
    public static bool IsStruct(BtfType type) => type.Kind == BtfKind.Struct && s_structs.Contains(type.Name);

    /// <summary>Returns true for a type that only the kernel uses, and for an array of it.</summary>
    public static bool Is(BtfTypes types, int id)
    {
        BtfType type = types[types.SkipModifiers(id)];
        for (int step = 0; type.Kind == BtfKind.Array && step < TypeNesting.MaximumDepth; step++)
        {
            type = types[types.SkipModifiers(type.Array.ElementTypeId)];
        }

        return IsStruct(type) || (type.Kind == BtfKind.Pointer && IsCounted(types, type));
    }

    private static bool IsCounted(BtfTypes types, BtfType pointer)
    {
        BtfType type = types[pointer.TypeId];
        for (int step = 0; type.IsModifier && step < TypeNesting.MaximumDepth; step++)
        {
            if (type.Kind == BtfKind.TypeTag && s_pointers.Contains(type.Name))
            {
                return true;
            }

            type = types[type.TypeId];
        }

        return false;
    }
}
