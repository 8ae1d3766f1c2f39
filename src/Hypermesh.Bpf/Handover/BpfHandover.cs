using Hypermesh.Bpf.Handover;

namespace Hypermesh.Bpf;

/// <summary>
/// Where an object stays when its process ends, and where the next process takes it over: a folder of the BPF file system with a pin for each map, program and link, and a manifest. Programs go on, events
/// are kept in the ring buffers, and no counter begins anew.
/// </summary>
/// <remarks>
/// One process has the folder at a time; the lock ends with the process, however that ends. A predecessor's object is replaced as by <see cref="BpfObject.HotReload"/>: maps that are equal in both versions are kept with their
/// content, and ring buffers are read on from where the predecessor had stored its position. Requires CAP_BPF and what loading and attaching require, CAP_SYS_ADMIN to mount a BPF file system, and links of the kernel: 5.7; of tracepoints, probes and perf events 5.15. Pins do not outlast a reboot, nor the mount namespace that the BPF file system was mounted in.
/// </remarks>
/// <param name="folder">The folder, such as <c>/sys/fs/bpf/my-agent</c>; it is created. If <c>/sys/fs/bpf</c> has no BPF file system, one is mounted.</param>
public sealed class BpfHandover(string folder)
{
    /// <summary>The folder.</summary>
    public string Folder { get; } = string.IsNullOrEmpty(folder) ? throw new ArgumentException("A handover takes a folder, such as /sys/fs/bpf/my-agent.", nameof(folder)) : folder;

    /// <summary>How long to wait for a predecessor that still has the folder, for example while it ends; by default not at all.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Detaches what a predecessor has left, and removes the folder.</summary>
    /// <param name="all">Whether to remove also what the manifest does not name, and what lies there without a manifest that can be read.</param>
    /// <returns>The number of pins that were removed, with the manifest; 0 if there is nothing.</returns>
    /// <exception cref="BpfException">A process has it; it is not in a BPF file system; or, without <paramref name="all"/>, its manifest cannot be read.</exception>
    /// <exception cref="BpfSyscallException">The folder cannot be opened, or a pin cannot be removed.</exception>
    public int Remove(bool all = false)
    {
        using HandoverFolder opened = HandoverFolder.Open(LinuxKernel.Instance, this, creates: false);
        HandoverManifest? manifest = null;
        try
        {
            manifest = opened.Read();
        }
        catch (BpfException) when (all)
        {
            // What is pinned is removed without it.
        }

        int Count() => opened.Names().Count + (opened.HasManifest ? 1 : 0);
        int before = Count();
        if (manifest is not null)
        {
            opened.Clear(manifest);
        }

        if (all)
        {
            opened.ClearAll();
        }

        int left = Count();
        opened.RemoveSelf();
        return before - left;
    }
}
