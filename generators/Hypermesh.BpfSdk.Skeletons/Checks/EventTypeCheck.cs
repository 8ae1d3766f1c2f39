using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports rings and perf buffers with records of a type that nothing names: clang writes into the object only the types that maps, variables
/// and functions mention. The source lines in the object show which type is sent.
/// </summary>
internal static class EventTypeCheck
{
    public static void Run(BpfObjectSpec spec, BtfTypes types, EventTypes events, SourceLines lines, Findings findings)
    {
        foreach (BpfMapSpec map in spec.Maps)
        {
            if (map.Type is BpfMapType.RingBuf or BpfMapType.PerfEventArray && events.Of(map) == 0)
            {
                Check(map, Sent(spec, types, lines, map), types, findings);
            }
        }
    }

    /// <summary>Returns the only type of the records of a ring that does not name it; null when there is none, or several.</summary>
    public static RecordType? OfRing(BpfObjectSpec spec, BtfTypes types, SourceLines lines, BpfMapSpec ring)
        => Sent(spec, types, lines, ring) is { Count: 1 } sent ? sent[0].Type : null;

    private static void Check(BpfMapSpec map, List<(RecordType Type, int Line)> sent, BtfTypes types, Findings findings)
    {
        bool isRing = map.Type == BpfMapType.RingBuf;
        string kind = isRing ? "Ring buffer" : "Perf event array";
        foreach ((RecordType type, int line) in sent)
        {
            // A ring of one type should name it; for other maps it is enough that the type is in the object.
            bool ofRing = isRing && sent.Count == 1;
            if (ofRing || (type.Name is { } name && !IsThere(types, name)))
            {
                string written = type.Name ?? "struct …";
                string fix = ofRing
                    ? $"__type(value, {written}); in the definition of '{map.Name}', or HM_RINGBUF of <hypermesh/ringbuf.h> in its place"
                    : $"HM_EVENT({written}); of <hypermesh/event.h> below the type";
                findings.Add(SourceIds.UnknownEvent, map.Name, line, kind, map.Name, type.Description, fix);
            }
        }
    }

    private static List<(RecordType Type, int Line)> Sent(BpfObjectSpec spec, BtfTypes types, SourceLines lines, BpfMapSpec map)
    {
        var sent = new Dictionary<string, (RecordType Type, int Line)>(StringComparer.Ordinal);
        foreach (string section in spec.Elf.Sections.Select(section => section.Name).Distinct())
        {
            foreach (BtfLineInfo line in lines.OfSection(section))
            {
                string text = types.GetString(line.TextOffset);
                if (SourceLines.Mentions(text, map.Name)
                    && RecordType.Read(text, name => IsThere(types, name)) is { } type
                    && (!sent.TryGetValue(type.Description, out (RecordType Type, int Line) known) || line.Line < known.Line))
                {
                    sent[type.Description] = (type, line.Line);
                }
            }
        }

        return [.. sent.Values.OrderBy(found => found.Line)];
    }

    private static bool IsThere(BtfTypes types, string name)
    {
        string word = name.Substring(name.LastIndexOf(' ') + 1);
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id].Kind is BtfKind.Struct or BtfKind.Union or BtfKind.Typedef && types[id].Name == word)
            {
                return true;
            }
        }

        return false;
    }
}
