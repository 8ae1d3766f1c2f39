using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tool.Machine;

/// <summary>The options of the running kernel that eBPF depends on, and where they were read.</summary>
internal static class KernelOptions
{
    private static readonly string[] s_wanted =
    [
        "BPF_SYSCALL", "BPF_JIT", "BPF_EVENTS", "BPF_LSM", "CGROUP_BPF", "DEBUG_INFO_BTF", "DEBUG_INFO_BTF_MODULES", "KPROBE_EVENTS", "UPROBE_EVENTS",
        "FTRACE_SYSCALLS", "DYNAMIC_FTRACE_WITH_DIRECT_CALLS", "FPROBE", "NET_CLS_BPF", "NET_XGRESS", "XDP_SOCKETS", "NETKIT", "LWTUNNEL_BPF", "BPF_LIRC_MODE2",
    ];

    internal static string Describe()
    {
        string release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        foreach (string path in new[] { $"/boot/config-{release}", "/proc/config.gz" })
        {
            if (TryRead(path) is { } options)
            {
                return $"{path}: " + string.Join(' ', s_wanted.Select(name => $"{name}={options.GetValueOrDefault("CONFIG_" + name, "n")}"));
            }
        }

        return $"not readable (neither /boot/config-{release} nor /proc/config.gz)";
    }

    private static Dictionary<string, string>? TryRead(string path)
    {
        try
        {
            using Stream file = File.OpenRead(path);
            using Stream text = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(text);
            return reader.ReadToEnd().Split('\n').Select(static line => line.Split('=', 2)).Where(static parts => parts.Length == 2)
                .GroupBy(static parts => parts[0], StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.First()[1], StringComparer.Ordinal);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }
}
