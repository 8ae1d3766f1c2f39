using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>Histograms as counts by slot.</summary>
internal static class SlotCounts
{
    internal static void Add(SortedDictionary<string, BigInteger> counts, string key, long count)
    {
        if (count != 0)
        {
            counts[key] = counts.GetValueOrDefault(key) + count;
        }
    }

    /// <summary>The name of one of bpftrace's slots: powers of two by their number; our first one holds 0 too. Linear ones have a width of 200, and the last one no end.</summary>
    internal static string OfBpftrace(JsonElement slot)
    {
        long least = slot.TryGetProperty("min", out JsonElement from) ? from.GetInt64() : -200;
        bool isLinear = !slot.TryGetProperty("max", out JsonElement to) || to.GetInt64() - least == 199;
        return isLinear ? $"from {least}" : (least <= 1 ? 0 : BitOperations.Log2((ulong)least)).ToString(CultureInfo.InvariantCulture);
    }

    internal static BigInteger Sum(SortedDictionary<string, BigInteger> slots) => slots.Values.Aggregate(BigInteger.Zero, static (sum, one) => sum + one);

    /// <summary>The slot of a quantile, such as 0.5.</summary>
    internal static int Quantile(SortedDictionary<string, BigInteger> slots, double part)
    {
        BigInteger seen = 0;
        var before = new BigInteger((double)Sum(slots) * part);
        foreach ((int slot, BigInteger count) in slots.Select(static one => (int.Parse(one.Key, CultureInfo.InvariantCulture), one.Value)).OrderBy(static one => one.Item1))
        {
            seen += count;
            if (seen > before)
            {
                return slot;
            }
        }

        throw new InvalidOperationException("there are no values");
    }
}
