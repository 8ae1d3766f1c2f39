using System.Diagnostics;
using System.Text.Json;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>The run time of every program in the kernel, as bpftool reports it: one source for both sides of the comparison.</summary>
internal static class ProgramTimes
{
    /// <summary>Nanoseconds by program ID; programs that never ran while statistics were on have 0.</summary>
    internal static Dictionary<uint, ulong> Read() => Read(static program => program.TryGetProperty("run_time_ns", out JsonElement time) ? time.GetUInt64() : 0);

    /// <summary>The IDs of the programs whose name begins with a text, of which the kernel keeps 15 bytes.</summary>
    internal static IEnumerable<uint> Named(string name)
        => Read(static program => program.TryGetProperty("name", out JsonElement text) ? text.GetString()! : "").Where(one => one.Value.StartsWith(name, StringComparison.Ordinal)).Select(static one => one.Key);

    internal static ulong Sum(Dictionary<uint, ulong> before, Dictionary<uint, ulong> after, IEnumerable<uint> ids)
        => ids.Aggregate(0ul, (sum, id) => sum + after[id] - before.GetValueOrDefault(id));

    private static Dictionary<uint, T> Read<T>(Func<JsonElement, T> value)
    {
        // A mount namespace of its own: bpftool may mount a bpffs.
        var start = new ProcessStartInfo("unshare", ["-m", "bpftool", "--json", "prog", "show"]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        using JsonDocument answer = JsonDocument.Parse(process.StandardOutput.BaseStream);
        process.WaitForExit();
        return answer.RootElement.EnumerateArray().ToDictionary(
            static program => program.GetProperty("id").GetUInt32(),
            value);
    }
}
