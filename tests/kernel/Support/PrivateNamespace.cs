using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A thread with a network or mount namespace of its own, so that devices and mounts end with it.</summary>
internal static class PrivateNamespace
{
    private const int NewMounts = 0x00020000;
    private const int NewNetwork = 0x40000000;

    // A guest's kernel finds no modprobe by itself, its first root being another; a kernel without modules has in it what it has.
    private static readonly Lazy<bool> s_modules = new(static () =>
    {
        Shell("modprobe -aq veth sch_ingress cls_bpf cls_matchall act_bpf nf_defrag_ipv4 nf_defrag_ipv6 2> /dev/null || true");
        return true;
    });

    /// <summary>A network namespace with its loopback up, and the modules its tests use.</summary>
    internal static void WithNetwork(Action test) => Run(NewNetwork, () =>
    {
        _ = s_modules.Value;
        Shell("ip link set lo up");
        test();
    });

    /// <summary>A mount namespace with the tracing file system in its place.</summary>
    internal static void WithTracing(Action test) => Run(NewMounts, () =>
    {
        Shell("mount --make-rprivate / && { mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing; }");
        test();
    });

    /// <summary>A mount namespace with an empty BPF file system of its own at /sys/fs/bpf.</summary>
    internal static void WithPins(Action test) => Run(NewMounts, () =>
    {
        Shell("mount --make-rprivate / && mount -t bpf bpf /sys/fs/bpf");
        test();
    });

    /// <summary>A mount namespace with the tracing file system at neither of its places.</summary>
    internal static void WithoutTracing(Action test) => Run(NewMounts, () =>
    {
        Shell("mount --make-rprivate / && for place in /sys/kernel/tracing /sys/kernel/debug; do ! [ -d $place ] || mount -t tmpfs tmpfs $place || exit 1; done");
        test();
    });

    /// <summary>A mount namespace with a BPF file system of its own.</summary>
    internal static void WithBpfFileSystem(Action<string> test) => WithMount("bpf", test);

    /// <summary>A mount namespace with the control groups of version 2, wherever the machine has them.</summary>
    internal static void WithControlGroups(Action<string> test) => WithMount("cgroup2", test);

    private static void WithMount(string type, Action<string> test)
    {
        string point = Directory.CreateTempSubdirectory("hmbpf-").FullName;
        try
        {
            Run(NewMounts, () =>
            {
                Shell($"mount --make-rprivate / && mount -t {type} none {point}");
                test(point);
            });
        }
        finally
        {
            Directory.Delete(point);
        }
    }

    /// <summary>A child has the namespaces of the thread that starts it.</summary>
    internal static void Shell(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardError = true })!;
        using StreamReader output = process.StandardError;
        string errors = output.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command}: {errors}");
    }

    private static void Run(int flags, Action test) => OwnThread.Run(() =>
    {
        Assert.Equal(0, Unshare(flags));
        test();
    });

    [DllImport("libc", EntryPoint = "unshare")]
    private static extern int Unshare(int flags);
}
