namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>What this process holds of the kernel's BPF: descriptors and mappings. Taken before a test and compared after it.</summary>
internal sealed record Census(int Descriptors, int Mappings)
{
    private static readonly string[] s_kinds = ["bpf", "btf", "eventpoll", "eventfd", "perf_event", "pidfd"];

    internal static Census Take() => new(
        Directory.GetFileSystemEntries("/proc/self/fd").Count(IsOurs),
        File.ReadLines("/proc/self/maps").Count(line => line.Contains("bpf", StringComparison.Ordinal) || line.Contains("/sys/kernel/btf", StringComparison.Ordinal)));

    private static bool IsOurs(string entry)
    {
        try
        {
            return File.ResolveLinkTarget(entry, returnFinalTarget: false)?.ToString() is { } target
                && s_kinds.Any(kind => target.Contains(kind, StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // The descriptor the listing itself was read through.
            return false;
        }
    }
}
