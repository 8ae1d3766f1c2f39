using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports calls that send something else than a record of the type that C# reads: fewer bytes, the address of the record, to one CPU only, or without the counter of
/// dropped records.
/// </summary>
internal static class SentRecordCheck
{
    private const int RingOutput = 130;
    private const int RingReserve = 131;
    private const int RingReserveDynamic = 198;
    private const string DropCounterSuffix = "__dropped";
    private const string Counts = "hm_";

    // The registers of the map, of the flags, of the data and of its size; 0 without.
    private static readonly Dictionary<int, (int Map, int Flags, int Data, int Size)> s_calls = new()
    {
        [25] = (2, 3, 4, 5),
        [111] = (2, 3, 4, 5),
        [121] = (2, 3, 4, 5),
        [RingOutput] = (1, 0, 2, 3),
        [RingReserve] = (1, 0, 0, 2),
        [RingReserveDynamic] = (1, 0, 0, 0),
    };

    // Helpers that return the address of a value of a map, or of a record.
    private static readonly HashSet<int> s_addresses =
    [
        .. new[]
        {
            "bpf_map_lookup_elem", "bpf_map_lookup_percpu_elem", "bpf_ringbuf_reserve", "bpf_sk_storage_get", "bpf_inode_storage_get", "bpf_task_storage_get", "bpf_cgrp_storage_get",
        }.Select(BpfHelpers.NumberOf),
    ];

    public static void Run(BpfObjectSpec spec, BtfTypes types, EventTypes events, SourceLines lines, Findings findings)
    {
        foreach (ElfSection section in StraightLine.SectionsOf(spec))
        {
            StraightLine? code = null;
            foreach ((uint offset, int helper) in HelperCalls.In(section).Where(static call => s_calls.ContainsKey(call.Helper)))
            {
                code ??= new StraightLine(spec, section);
                int at = (int)(offset / BpfInstruction.Size);
                if (code.Map(at, s_calls[helper].Map) is { } name && spec.Maps.FirstOrDefault(map => map.Name == name) is { Type: BpfMapType.RingBuf or BpfMapType.PerfEventArray } map)
                {
                    (int line, string text) = lines.TextAt(section.Name, offset);
                    var call = new Call(BpfHelpers.NameOf(helper)!, helper, map, line, text);
                    Check(call, code, at, types, events, findings);
                    CheckCount(call, spec, types, lines, section, findings);
                }
            }
        }
    }

    private static void Check(Call call, StraightLine code, int at, BtfTypes types, EventTypes events, Findings findings)
    {
        (_, int flags, int data, int size) = s_calls[call.Helper];
        if (flags > 0 && call.Map.MaxEntries != 1 && code.Constant(at, flags) == 0)
        {
            findings.Add(SourceIds.FirstCpuOnly, call.Map.Name, call.Line, call.Name, call.Map.Name);
        }

        if (size == 0 || code.Constant(at, size) is not { } sent)
        {
            return;
        }

        int record = events.Of(call.Map);
        long wanted = record > 0 ? types.SizeOf(record) : 0;
        if (sent == sizeof(ulong) && data > 0 && wanted != sizeof(ulong) && SendsAddress(code, at, data))
        {
            findings.Add(SourceIds.OtherRecord, call.Map.Name, call.Line, call.Name, call.Map.Name, "8 bytes that are an address, and not what it points to",
                "Pass the pointer itself and the size of what it points to, as in event, sizeof(*event)");
        }
        else if (record > 0 && sent < wanted && !events.IsUnion(types.SkipModifiers(record)))
        {
            string type = CTypeNames.Describe(types, record);
            findings.Add(SourceIds.OtherRecord, call.Map.Name, call.Line, call.Name, call.Map.Name, $"{sent} bytes, and C# reads each record as {type} of {wanted} bytes and throws for a shorter one",
                $"Send a whole {type} with its size, sizeof(*event) for a pointer, or name the type that is sent in the definition of '{call.Map.Name}'");
        }
    }

    // A pointer variable whose own address is passed is on the stack.
    private static bool SendsAddress(StraightLine code, int at, int register)
        => code.Frame(at, register) is { } offset && code.Store(at, offset) is >= 0 and int store
            && (s_addresses.Contains(code.Helper(store, code.Code[store].Source)) || code.IsAddressOfVariable(store, code.Code[store].Source));

    // The line shows how the C calls it: hm_reserve and hm_output count, and a macro of the user may.
    private static void CheckCount(Call call, BpfObjectSpec spec, BtfTypes types, SourceLines lines, ElfSection section, Findings findings)
    {
        string counter = call.Map.Name + DropCounterSuffix;
        if (call.Map.Type == BpfMapType.RingBuf && call.Helper is RingOutput or RingReserve or RingReserveDynamic && call.Line > 0 && SourceLines.Mentions(call.Text, call.Name) && call.Text.IndexOf(Counts, StringComparison.Ordinal) < 0
            && spec.Maps.Any(map => map.Name == counter) && !lines.OfSection(section.Name).Any(line => SourceLines.Mentions(types.GetString(line.TextOffset), counter)))
        {
            findings.Add(SourceIds.UncountedRecord, call.Map.Name, call.Line, call.Name, call.Map.Name,
                call.Helper switch { RingOutput => $"hm_output({call.Map.Name}, &event)", RingReserve => $"hm_reserve({call.Map.Name})", _ => $"hm_count_dropped(&{counter}) where it fails" });
        }
    }

    // One call that sends a record.
    private sealed record Call(string Name, int Helper, BpfMapSpec Map, int Line, string Text);
}
