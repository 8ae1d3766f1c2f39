using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>
/// A histogram with slots of powers of two: slot 0 holds 0 and 1, slot n holds 2^n up to 2^(n+1) - 1 (<c>hm_exp2_slot</c>). An array of integers is one when its name, or its map's, contains
/// <c>slots</c> or <c>hist</c>.
/// </summary>
internal static class Histogram
{
    internal const int MostSlots = 64;

    private const int Width = 40;

    private static readonly string[] s_names = ["slots", "hist"];

    internal static bool IsName(string name) => Array.Exists(s_names, one => name.Contains(one, StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns the counts of the slots; null for anything else.</summary>
    /// <param name="value">The value.</param>
    /// <param name="most">The most slots that it may have.</param>
    internal static ulong[]? Slots(JsonNode? value, int most = MostSlots)
    {
        if (value is not JsonArray { Count: > 0 } array || array.Count > most)
        {
            return null;
        }

        ulong?[] counts = [.. array.Select(Count)];
        return Array.TrueForAll(counts, static count => count is not null) ? [.. counts.Select(static count => count!.Value)] : null;
    }

    internal static ulong? Count(JsonNode? value)
        => value is not JsonValue plain ? null
            : plain.TryGetValue(out ulong count) ? count
            : plain.TryGetValue(out long signed) && signed >= 0 ? (ulong)signed
            : null;

    /// <summary>Draws slots of powers of two, from the first to the last that is not empty.</summary>
    internal static void Draw(Terminal terminal, ulong[] slots) => Draw(terminal, slots, Range);

    /// <summary>Draws the slots of a linear histogram, from the first to the last that is not empty.</summary>
    internal static void Draw(Terminal terminal, ulong[] slots, BpfLinearRange range) => Draw(terminal, slots, slot => Range(slot, slots.Length, range));

    private static void Draw(Terminal terminal, ulong[] slots, Func<int, string> nameOf)
    {
        int first = Array.FindIndex(slots, static count => count > 0);
        if (first < 0)
        {
            return;
        }

        int last = Array.FindLastIndex(slots, static count => count > 0);
        ulong most = slots.Max();
        string[] ranges = [.. Enumerable.Range(first, last - first + 1).Select(nameOf)];
        int rangeWidth = ranges.Max(static range => range.Length);
        int countWidth = most.ToString(CultureInfo.InvariantCulture).Length;
        for (int slot = first; slot <= last; slot++)
        {
            int length = (int)Math.Ceiling(slots[slot] * (double)Width / most);
            string count = slots[slot].ToString(CultureInfo.InvariantCulture);
            terminal.Line($"{ranges[slot - first].PadRight(rangeWidth)}  {count.PadLeft(countWidth)} |{new string('@', length).PadRight(Width)}|");
        }
    }

    private static string Range(int slot) => slot == 0 ? "[0, 2)" : slot == MostSlots - 1 ? $"[{Power(slot)}, …)" : $"[{Power(slot)}, {Power(slot + 1)})";

    // The first slot holds what is below the range, the last one what is above it.
    private static string Range(int slot, int slots, BpfLinearRange range)
        => slot == 0 ? string.Create(CultureInfo.InvariantCulture, $"(…, {range.From})")
            : slot == slots - 1 ? string.Create(CultureInfo.InvariantCulture, $"[{range.End}, …)")
            : string.Create(CultureInfo.InvariantCulture, $"[{range.From + ((slot - 1) * range.Step)}, {Math.Min(range.End, range.From + (slot * range.Step))})");

    private static string Power(int exponent)
    {
        string[] units = ["", "K", "M", "G", "T", "P", "E"];
        return (1ul << (exponent % 10)).ToString(CultureInfo.InvariantCulture) + units[exponent / 10];
    }
}
