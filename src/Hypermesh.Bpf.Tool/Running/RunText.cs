using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Compilation.Building;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>The result of <c>run</c> for people: events as lines, maps as tables with the largest value first, histograms drawn.</summary>
internal static class RunText
{
    private const string ValueColumn = "VALUE";

    internal static void Event(Terminal terminal, JsonNode? record)
    {
        terminal.Line(record is JsonObject members ? string.Join("  ", members.Select(static member => $"{member.Key} {Plain(member.Value)}")) : Plain(record));
        terminal.Flush();
    }

    internal static void Result(Terminal terminal, BpfObjectValues values, RunView view)
    {
        foreach (string name in view.Maps(values))
        {
            string title = view.Title ?? name;
            BpfMapEntry[] entries = [.. values.ReadMap(name).Where(static entry => !IsZero(entry.Value))];
            terminal.Line();
            terminal.Line(new Painted(Colour.Bold, entries.Length == 0 ? $"{title}: empty" : title));
            if (!ShowAsOneHistogram(terminal, name, entries))
            {
                Show(terminal, name, entries, view);
            }
        }

        KeyValuePair<string, JsonNode?>[] globals = [.. values.ReadGlobals()];
        if (view.Only is not null)
        {
            Lost(terminal, globals, MonitorAssembler.Lost, "calls are not in the figures: the map had no room for more keys. Name fewer keys, or narrow what is counted with --where.");
            Lost(terminal, globals, MonitorAssembler.LostStarts, $"starts are not in the figures: {MonitorAssembler.StartEntries} others were without their end. Is what --match names equal at both hooks?");
        }
        else if (globals.Length > 0)
        {
            terminal.Line();
            Fields.Write(terminal, new JsonObject(globals.Select(static one => new KeyValuePair<string, JsonNode?>(one.Key, Plain(one.Value)))));
        }

        if (values.Dropped is > 0 and long dropped)
        {
            terminal.Complain($"{dropped} events were dropped, because a ring buffer was full: make it larger, or send fewer events.");
        }
    }

    private static void Lost(Terminal terminal, KeyValuePair<string, JsonNode?>[] globals, string counter, string what)
    {
        if (Array.Find(globals, one => one.Key == counter).Value is { } lost && !IsZero(lost))
        {
            terminal.Complain($"{Plain(lost)} {what}");
        }
    }

    // An array whose index is the slot: one histogram.
    private static bool ShowAsOneHistogram(Terminal terminal, string name, BpfMapEntry[] entries)
    {
        if (!Histogram.IsName(name) || entries.Length == 0 || !Array.TrueForAll(entries, static entry => Histogram.Count(entry.Key) is < Histogram.MostSlots && Histogram.Count(entry.Value) is not null))
        {
            return false;
        }

        ulong[] slots = new ulong[Histogram.MostSlots];
        foreach (BpfMapEntry entry in entries)
        {
            slots[Histogram.Count(entry.Key)!.Value] = Histogram.Count(entry.Value)!.Value;
        }

        Histogram.Draw(terminal, slots);
        return true;
    }

    private static void Show(Terminal terminal, string map, BpfMapEntry[] entries, RunView view)
    {
        if (entries.Length == 0)
        {
            return;
        }

        // A monitor without keys has one entry, with the key 0.
        string[] keys = view.Only is not null && entries[0].Key is JsonValue ? [] : Columns(entries.Select(static entry => entry.Key), "KEY");
        string[] columns = Columns(entries.Select(static entry => entry.Value), ValueColumn);
        string[] drawn = [.. columns.Where(column => Histogram.IsName(column == ValueColumn ? map : column) && Array.TrueForAll(entries, entry => Histogram.Slots(Cell(entry.Value, column)) is not null)
            || (column == BpfLinearRange.Member && view.Range is not null))];
        string[] shown = [.. columns.Except(drawn)];
        BpfMapEntry[] sorted = [.. entries.OrderByDescending(entry => shown.Length == 0 ? 0 : Histogram.Count(Cell(entry.Value, shown[0])) ?? 0)];
        string[] stacks = [.. keys.Where(key => entries.Any(entry => Cell(entry.Key, key) is JsonArray))];
        keys = [.. keys.Except(stacks)];
        if (drawn.Length == 0 && stacks.Length == 0)
        {
            var table = new TextTable([.. keys.Concat(shown).Select(static name => name.ToUpperInvariant())]);
            foreach (BpfMapEntry entry in sorted)
            {
                table.Add([.. keys.Select(key => Plain(Cell(entry.Key, key))), .. shown.Select(column => Plain(Cell(entry.Value, column)))]);
            }

            table.Write(terminal);
            return;
        }

        foreach (BpfMapEntry entry in sorted)
        {
            foreach (JsonNode? frame in stacks.SelectMany(key => Cell(entry.Key, key) as JsonArray ?? []))
            {
                terminal.Line($"    {Plain(frame)}");
            }

            terminal.Line(string.Join("  ", keys.Select(key => $"{key.ToLowerInvariant()} {Plain(Cell(entry.Key, key))}").Concat(shown.Select(column => $"{(column == ValueColumn ? map : column)} {Plain(Cell(entry.Value, column))}"))));
            foreach (string column in drawn)
            {
                if (column == BpfLinearRange.Member && view.Range is { } range)
                {
                    Histogram.Draw(terminal, Histogram.Slots(Cell(entry.Value, column), range.Slots)!, range);
                }
                else
                {
                    Histogram.Draw(terminal, Histogram.Slots(Cell(entry.Value, column))!);
                }
            }
        }
    }

    private static string[] Columns(IEnumerable<JsonNode?> values, string plain)
        => values.FirstOrDefault() is JsonObject members && members.Count > 0 ? [.. members.Select(static member => member.Key)] : [plain];

    private static JsonNode? Cell(JsonNode? value, string column) => value is JsonObject members ? members[column] : value;

    private static string Plain(JsonNode? value) => value is JsonValue text && text.TryGetValue(out string? plain) ? plain : BtfValueReader.Text(value);

    private static bool IsZero(JsonNode? value) => value switch
    {
        null => true,
        JsonObject members => members.All(static member => IsZero(member.Value)),
        JsonArray elements => elements.All(IsZero),
        JsonValue plain when plain.TryGetValue(out string? text) => text.Length == 0,
        JsonValue plain when plain.TryGetValue(out bool flag) => !flag,
        _ => Convert.ToString(value.ToString(), CultureInfo.InvariantCulture) == "0",
    };
}
