using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports helpers that are called on a map of a type on which they do nothing, or which the verifier rejects without the name of the right one.</summary>
internal static class MapHelperCheck
{
    // The helpers with the register of the map, the types of map, and what to write in place; {0} is the map.
    private static readonly (string Helper, int Register, BpfMapType[] Types, string Remedy)[] s_rows =
    [
        ("bpf_perf_event_output", 2, [BpfMapType.RingBuf], "hm_output({0}, &event) of <hypermesh/ringbuf.h>, or bpf_ringbuf_output(&{0}, &event, sizeof(event), 0)"),
        ("bpf_ringbuf_output", 1, [BpfMapType.PerfEventArray], "bpf_perf_event_output(ctx, &{0}, BPF_F_CURRENT_CPU, &event, sizeof(event))"),
        ("bpf_ringbuf_reserve", 1, [BpfMapType.PerfEventArray], "bpf_perf_event_output(ctx, &{0}, BPF_F_CURRENT_CPU, &event, sizeof(event)), or declare '{0}' as a ring buffer"),
        ("bpf_map_delete_elem", 1, [BpfMapType.Array, BpfMapType.PerCpuArray], "a zero value with bpf_map_update_elem(&{0}, &key, &zero, BPF_ANY): an array always has all of its elements"),
        ("bpf_map_update_elem", 1, [BpfMapType.Queue, BpfMapType.Stack], "bpf_map_push_elem(&{0}, &value, BPF_ANY)"),
        ("bpf_map_lookup_elem", 1, [BpfMapType.Queue, BpfMapType.Stack], "bpf_map_pop_elem(&{0}, &value), or bpf_map_peek_elem to leave it there"),
        ("bpf_map_update_elem", 1, [BpfMapType.RingBuf], "hm_output({0}, &event) of <hypermesh/ringbuf.h>"),
    ];

    private static readonly Dictionary<BpfMapType, string> s_names = new()
    {
        [BpfMapType.RingBuf] = "a ring buffer",
        [BpfMapType.PerfEventArray] = "a perf event array",
        [BpfMapType.Array] = "an array",
        [BpfMapType.PerCpuArray] = "a per-CPU array",
        [BpfMapType.Queue] = "a queue",
        [BpfMapType.Stack] = "a stack",
    };

    private static readonly ILookup<int, (string Helper, int Register, BpfMapType[] Types, string Remedy)> s_helpers = s_rows.ToLookup(static row => BpfHelpers.NumberOf(row.Helper));

    public static void Run(BpfObjectSpec spec, SourceLines lines, Findings findings)
    {
        foreach (ElfSection section in StraightLine.SectionsOf(spec))
        {
            StraightLine? code = null;
            foreach ((uint offset, int helper) in HelperCalls.In(section).Where(static call => s_helpers.Contains(call.Helper)))
            {
                code ??= new StraightLine(spec, section);
                int at = (int)(offset / BpfInstruction.Size);
                foreach ((string name, int register, BpfMapType[] wrong, string remedy) in s_helpers[helper])
                {
                    if (code.Map(at, register) is { } map && spec.Maps.FirstOrDefault(one => one.Name == map) is { } found && Array.IndexOf(wrong, found.Type) >= 0)
                    {
                        findings.Add(SourceIds.OtherMapType, map, lines.At(section.Name, offset), name, map, s_names[found.Type], string.Format(System.Globalization.CultureInfo.InvariantCulture, remedy, map));
                    }
                }
            }
        }
    }
}
