using System.IO.Compression;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Monitoring.Hooks;

/// <summary>Reads from the machine what the choice of hooks depends on.</summary>
internal static class MachineFacts
{
    /// <summary>The facts of the running machine.</summary>
    internal static HookFacts Read() => new(HasTraceFs(), IsPreemptible());

    private static bool HasTraceFs()
    {
        foreach (string folder in TraceFs.EventFolders)
        {
            try
            {
                if (Directory.EnumerateDirectories(folder).Any())
                {
                    return true;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Not mounted, or not readable: the next place.
            }
        }

        return false;
    }

    // debugfs shows the mode in use, in parentheses. Without it: the command line, then the configuration, then the version. From 7.0 on a kernel for
    // x86, arm64 and others has the modes lazy and full only.
    private static bool IsPreemptible()
    {
        if (TryReadText("/sys/kernel/debug/sched/preempt") is { } modes)
        {
            return modes.Contains("(full)", StringComparison.Ordinal) || modes.Contains("(lazy)", StringComparison.Ordinal);
        }

        if (ModeOnCommandLine(TryReadText("/proc/cmdline") ?? "") is { } mode)
        {
            return mode is "full" or "lazy";
        }

        return IsPreemptible(Configuration(), Environment.OSVersion.Version);
    }

    internal static string? ModeOnCommandLine(string commandLine)
        => commandLine.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).LastOrDefault(static word => word.StartsWith("preempt=", StringComparison.Ordinal))?["preempt=".Length..];

    internal static bool IsPreemptible(string? configuration, Version version)
        => configuration is null
            ? version.Major >= 7
            : configuration.Contains("\nCONFIG_PREEMPT=y", StringComparison.Ordinal)
                || configuration.Contains("\nCONFIG_PREEMPT_LAZY=y", StringComparison.Ordinal)
                || configuration.Contains("\nCONFIG_PREEMPT_RT=y", StringComparison.Ordinal);

    private static string? Configuration()
    {
        try
        {
            using var packed = new GZipStream(File.OpenRead("/proc/config.gz"), CompressionMode.Decompress);
            using var reader = new StreamReader(packed);
            return reader.ReadToEnd();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            string release = (TryReadText("/proc/sys/kernel/osrelease") ?? "").Trim();
            return release.Length == 0 ? null : TryReadText("/boot/config-" + release);
        }
    }

    private static string? TryReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
