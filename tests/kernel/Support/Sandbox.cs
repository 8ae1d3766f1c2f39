using System.Diagnostics;
using Hypermesh.Bpf.Testing;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Runs a test in namespaces of the test kit, which end with it, so that its devices and mounts do too.</summary>
internal static class Sandbox
{
    // A guest's kernel finds no modprobe by itself, its first root being another; a kernel without modules has in it what it has.
    private static readonly Lazy<bool> s_modules = new(static () =>
    {
        Shell("modprobe -aq veth sch_ingress cls_bpf cls_matchall act_bpf nf_defrag_ipv4 nf_defrag_ipv6 2> /dev/null || true");
        return true;
    });

    /// <summary>A network namespace with its loopback up and the kit's pair of devices, and the modules its tests use.</summary>
    internal static void WithNetwork(Action test)
    {
        _ = s_modules.Value;
        using var network = new PrivateNetwork();
        network.Run(test);
    }

    /// <summary>A mount namespace with the tracing file system in its place.</summary>
    internal static void WithTracing(Action test)
    {
        using var tracing = new PrivateTracingFileSystem();
        tracing.Run(test);
    }

    /// <summary>A mount namespace with the tracing file system at neither of its places.</summary>
    internal static void WithoutTracing(Action test)
    {
        using var mounts = new PrivateBpfFileSystem();
        mounts.Run(() =>
        {
            Shell("for place in /sys/kernel/tracing /sys/kernel/debug; do ! [ -d $place ] || mount -t tmpfs tmpfs $place || exit 1; done");
            test();
        });
    }

    /// <summary>A mount namespace with a BPF file system of its own.</summary>
    internal static void WithBpfFileSystem(Action<string> test)
    {
        using var pins = new PrivateBpfFileSystem();
        pins.Run(() => test(pins.Path));
    }

    /// <summary>A mount namespace with a BPF file system of its own in the usual place.</summary>
    internal static void WithPins(Action test) => WithBpfFileSystem(path =>
    {
        Shell($"mount --bind {path} /sys/fs/bpf");
        test();
    });

    /// <summary>A mount namespace with the control groups of version 2, wherever the machine has them.</summary>
    internal static void WithControlGroups(Action<string> test)
    {
        using var groups = new PrivateControlGroups();
        groups.Run(() => test(groups.Path));
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
}
