using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports pointers in the records of rings and perf buffers: they are not valid in the process that reads them. <c>void *</c> states that the address itself is wanted.</summary>
internal static class EventPointerCheck
{
    public static void Run(BpfObjectSpec spec, BtfTypes types, EventTypes events, Findings findings)
    {
        var visited = new HashSet<int>();
        foreach (BpfMapSpec map in spec.Maps.Where(static map => map.Type is BpfMapType.RingBuf or BpfMapType.PerfEventArray))
        {
            if (events.Of(map) is > 0 and int record)
            {
                CheckRecord(types, record, map.Name, findings);
                Visit(types, record, map.Name, "", visited, 0, findings);
            }
        }

        foreach (int record in EventMarks.Events(types))
        {
            Visit(types, record, types[record].Name, "", visited, 0, findings);
        }
    }

    // The record itself is an address: __type adds the asterisk.
    private static void CheckRecord(BtfTypes types, int record, string map, Findings findings)
    {
        if (types[types.SkipModifiers(record)] is { Kind: BtfKind.Pointer } pointer && types[types.SkipModifiers(pointer.TypeId)] is { IsComposite: true } or { Kind: BtfKind.Forward })
        {
            string type = CTypeNames.Describe(types, pointer.TypeId);
            findings.Add(SourceIds.PointerInEvent, map, 0, CTypeNames.Describe(types, record), $"the definition of '{map}'", $"{type} there, without the asterisk");
        }
    }

    // Each type once, because types may contain pointers to each other.
    private static void Visit(BtfTypes types, int id, string holder, string outer, HashSet<int> visited, int depth, Findings findings)
    {
        BtfType type = types[types.SkipModifiers(id)];
        while (type.Kind == BtfKind.Array)
        {
            type = types[types.SkipModifiers(type.Array.ElementTypeId)];
        }

        if (!type.IsComposite || depth > TypeNesting.MaximumDepth || !visited.Add(type.Id))
        {
            return;
        }

        string name = type.Name.Length > 0 ? $"{(type.Kind == BtfKind.Struct ? "struct" : "union")} {type.Name}" : outer;
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            string cName = types.GetString(member.NameOffset);
            BtfType field = types[types.SkipModifiers(member.TypeId)];
            if (field.Kind == BtfKind.Pointer && types[types.SkipModifiers(field.TypeId)] is { Kind: not (BtfKind.Void or BtfKind.FunctionPrototype) } pointee)
            {
                bool isText = pointee.Kind == BtfKind.Int && pointee.Size == 1;
                string instead = isText ? $"char {cName}[16]; and copy the text into it with bpf_probe_read_kernel_str or bpf_probe_read_user_str (bpf_get_current_comm for the name of a process)"
                    : "the fields that are wanted in its place, and copy them with BPF_CORE_READ or bpf_probe_read_kernel";
                findings.Add(SourceIds.PointerInEvent, name.Length > 0 ? $"{name}.{cName}" : cName, 0, cName, name.Length > 0 ? $"'{name}'" : $"the records of '{holder}'", instead);
            }

            Visit(types, member.TypeId, holder, name, visited, depth + 1, findings);
        }
    }
}
