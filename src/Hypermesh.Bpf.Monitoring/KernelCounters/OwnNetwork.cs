namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>The network namespace of the calling thread.</summary>
internal static class OwnNetwork
{
    /// <summary>The inode number of the namespace, by which the kernel's programs know it.</summary>
    /// <exception cref="BpfException">It cannot be read.</exception>
    internal static uint Inode(string procFs) => InodeNumber.TryRead(File(procFs), out ulong number)
        ? (uint)number
        : throw new BpfException($"the network namespace of this thread cannot be read: {File(procFs)} is missing. Mount procfs, or set {nameof(MonitorOptions.ProcFs)} to where it is mounted.");

    /// <summary>The file whose inode number it is, for whichever thread opens it.</summary>
    internal static string File(string procFs) => Path.Combine(procFs, "thread-self/ns/net");
}
