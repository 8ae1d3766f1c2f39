using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation.Profiling;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Profiles;

/// <summary>A profile as a table of functions, as folded stacks, or as JSON.</summary>
internal static class ProfileText
{
    private const int MostFunctions = 30;
    private const double NanosecondsPerMillisecond = 1e6;

    /// <summary>Stacks as flamegraph.pl and speedscope read them: a line each, the outermost function first.</summary>
    internal static void Folded(Terminal terminal, Profile profile)
    {
        foreach (ProfiledStack stack in profile.Stacks)
        {
            terminal.Line($"{string.Join(';', stack.Frames.Prepend(stack.Command.Replace(';', ':')))} {stack.Amount.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    /// <summary>The functions that take the most themselves.</summary>
    internal static void Functions(Terminal terminal, Profile profile, bool isOffCpu)
    {
        var self = new Dictionary<string, long>(StringComparer.Ordinal);
        var whole = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (ProfiledStack stack in profile.Stacks)
        {
            string last = stack.Frames.Count > 0 ? stack.Frames[^1] : "[no stack]";
            self[last] = self.GetValueOrDefault(last) + stack.Amount;
            foreach (string frame in stack.Frames.Distinct(StringComparer.Ordinal))
            {
                whole[frame] = whole.GetValueOrDefault(frame) + stack.Amount;
            }
        }

        double total = Math.Max(1, profile.Total);
        IEnumerable<KeyValuePair<string, long>> shown = isOffCpu ? whole : self;
        var table = new TextTable("SELF", "WITH CALLED", isOffCpu ? "MS" : "SAMPLES", "FUNCTION");
        foreach ((string name, long amount) in shown.OrderByDescending(static one => one.Value).ThenBy(static one => one.Key, StringComparer.Ordinal).Take(MostFunctions))
        {
            table.Add(Share(self.GetValueOrDefault(name) / total), Share(whole.GetValueOrDefault(name, amount) / total),
                isOffCpu ? (amount / NanosecondsPerMillisecond).ToString("0.0", CultureInfo.InvariantCulture) : amount.ToString(CultureInfo.InvariantCulture), name);
        }

        table.Write(terminal);
    }

    internal static JsonObject Json(Profile profile, bool isOffCpu) => new()
    {
        ["unit"] = isOffCpu ? "nanoseconds" : "samples",
        ["total"] = profile.Total,
        ["lost"] = profile.Lost,
        ["withoutStack"] = profile.WithoutStack,
        ["frames"] = profile.Frames,
        ["framesWithoutName"] = profile.WithoutName,
        ["stacks"] = new JsonArray([.. profile.Stacks.Select(static stack => new JsonObject
        {
            ["process"] = stack.Process,
            ["command"] = stack.Command,
            ["frames"] = new JsonArray([.. stack.Frames.Select(static frame => (JsonNode)frame)]),
            ["amount"] = stack.Amount,
        })]),
    };

    private static string Share(double share) => share.ToString("P1", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);
}
