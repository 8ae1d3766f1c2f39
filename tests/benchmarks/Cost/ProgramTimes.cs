using System.Diagnostics;
using System.Text.Json;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>The run time of every program in the kernel, as bpftool tells it: one source for both sides of the comparison.</summary>
internal static class ProgramTimes
{
    /// <summary>Nanoseconds by program id; programs that never ran while statistics were on have 0.</summary>
    internal static Dictionary<uint, ulong> Read()
    {
        // A mount namespace of its own: bpftool may mount a bpffs.
        var start = new ProcessStartInfo("unshare", ["-m", "bpftool", "--json", "prog", "show"]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        using JsonDocument answer = JsonDocument.Parse(process.StandardOutput.BaseStream);
        process.WaitForExit();
        return answer.RootElement.EnumerateArray().ToDictionary(
            static program => program.GetProperty("id").GetUInt32(),
            static program => program.TryGetProperty("run_time_ns", out JsonElement time) ? time.GetUInt64() : 0);
    }

    internal static ulong Sum(Dictionary<uint, ulong> before, Dictionary<uint, ulong> after, IEnumerable<uint> ids)
        => ids.Aggregate(0ul, (sum, id) => sum + after[id] - before.GetValueOrDefault(id));
}
