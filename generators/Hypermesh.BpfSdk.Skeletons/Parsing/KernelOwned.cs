using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>
/// What lies in a value and belongs to the kernel alone: locks, timers, lists, pointers it counts. Reading gives zeros there and writing passes it over, so it
/// has its place in a struct and is offered to nobody.
/// </summary>
internal static class KernelOwned
{
    private static readonly HashSet<string> s_structs = new(StringComparer.Ordinal)
    {
        "bpf_dynptr", "bpf_list_head", "bpf_list_node", "bpf_rb_node", "bpf_rb_root", "bpf_refcount", "bpf_res_spin_lock", "bpf_spin_lock", "bpf_task_work",
        "bpf_timer", "bpf_wq",
    };

    // Type tags of pointers. Not among them is uptr: user space sets that one.
    private static readonly HashSet<string> s_pointers = new(StringComparer.Ordinal) { "kptr", "kptr_ref", "kptr_untrusted", "percpu_kptr" };

    /// <summary>True for one of the kernel's own structs.</summary>
    public static bool IsStruct(BtfType type) => type.Kind == BtfKind.Struct && s_structs.Contains(type.Name);

    /// <summary>True for something of the kernel's, and for arrays of it.</summary>
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
