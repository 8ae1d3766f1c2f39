using System.Net;
using System.Net.Sockets;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>What this process holds of the kernel's BPF: descriptors and mappings. Taken before a test and compared after it.</summary>
internal sealed record Census(string Descriptors, int Mappings)
{
    private static readonly string[] s_kinds = ["bpf", "btf", "eventpoll", "eventfd", "perf_event", "pidfd"];

    // The runtime has an epoll for sockets, made at the first asynchronous use of one: let it be there before the first count.
    static Census()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = socket.ReceiveAsync(new byte[1].AsMemory()).AsTask().ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
    }

    internal static Census Take() => new(
        string.Join(", ", Directory.GetFileSystemEntries("/proc/self/fd").Select(Target).Where(IsOurs).Order(StringComparer.Ordinal)),
        File.ReadLines("/proc/self/maps").Count(line => line.Contains("bpf", StringComparison.Ordinal) || line.Contains("/sys/kernel/btf", StringComparison.Ordinal)));

    private static bool IsOurs(string target) => s_kinds.Any(kind => target.Contains(kind, StringComparison.Ordinal));

    private static string Target(string entry)
    {
        try
        {
            return Path.GetFileName(File.ResolveLinkTarget(entry, returnFinalTarget: false)?.FullName) ?? "";
        }
        catch (IOException)
        {
            // The descriptor the listing itself was read through.
            return "";
        }
    }
}
