using System.Diagnostics;
using System.Globalization;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A control group of the test's own in the hierarchy that charges CPU time, and the kernel's figure for it.</summary>
internal sealed class CpuGroup : IDisposable
{
    private static int s_number;

    private readonly string _folder;

    internal CpuGroup()
    {
        CGroupHierarchy hierarchy = CGroupHierarchy.Find("cpuacct") ?? throw new InvalidOperationException("no cgroups are mounted");
        IsV1 = hierarchy.IsV1;
        Path = $"/hypermesh-cpu-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}";
        _folder = hierarchy.Root + Path;
        Directory.CreateDirectory(_folder);
        Assert.True(InodeNumber.TryRead(_folder, out ulong id));
        Id = id;
    }

    internal bool IsV1 { get; }

    /// <summary>The path below the root of the hierarchy.</summary>
    internal string Path { get; }

    internal ulong Id { get; }

    /// <summary>
    /// Runs a shell in the group that counts, and waits for its end. It waits for a process just before it moves: what it has used since it was switched in is
    /// charged to its old group by the kernel and to the new one by a monitor, which sees it when it is switched out.
    /// </summary>
    internal void Burn(int loops)
    {
        string count = $"/bin/true; echo $$ > {_folder}/cgroup.procs && i=0; while [ $i -lt {loops.ToString(CultureInfo.InvariantCulture)} ]; do i=$((i+1)); done";
        using Process shell = Process.Start("/bin/sh", ["-c", count]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    internal ulong UsageNs()
    {
        if (IsV1)
        {
            return ulong.Parse(File.ReadAllText(System.IO.Path.Combine(_folder, "cpuacct.usage")), CultureInfo.InvariantCulture);
        }

        string usage = File.ReadLines(System.IO.Path.Combine(_folder, "cpu.stat")).First(static line => line.StartsWith("usage_usec ", StringComparison.Ordinal));
        return ulong.Parse(usage.AsSpan("usage_usec ".Length), CultureInfo.InvariantCulture) * 1000;
    }

    public void Dispose() => Directory.Delete(_folder);
}
