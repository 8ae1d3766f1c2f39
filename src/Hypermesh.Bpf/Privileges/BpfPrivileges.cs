using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Privileges;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>What this process may still do once its programs run.</summary>
public static class BpfPrivileges
{
    private const string Feature = "Using what is open without capabilities";

    private const string Needs = "Linux 5.19, or kernel.unprivileged_bpf_disabled=0: from then on this kernel would refuse reading and writing maps, running iterators and "
        + "programs, and asking, updating or detaching links by force; ring buffers, perf buffers, globals and mapped arrays would go on, and so would detaching. "
        + "Nothing was given up; keep CAP_BPF to give up the rest";

    /// <summary>
    /// Gives up the capabilities of the whole process for good: those of every thread there is, and with them of every thread that comes later. What is open goes
    /// on: maps are read and written, ring buffers and perf buffers consumed, iterators and test runs done, links detached. What is not is refused from here on,
    /// as <see cref="BpfPermissionException"/>: loading, most attaching, lists by number, a perf buffer that was not opened before. What the process starts cannot
    /// get any of it back either (<c>no_new_privs</c>), so that <c>sudo</c> and the like end for it; what it has started before keeps its own.
    /// </summary>
    /// <remarks>
    /// In the kernel a capability is a thread's own. Each thread gives up its own in a signal handler of a few instructions, on the signal the C library keeps for
    /// changing all threads at once, which no thread blocks; nothing else may change the user of the process meanwhile (<c>setuid</c>). What each thread holds is
    /// read back before this returns. The user stays who he is: root without capabilities still owns root's files, so a service does better to run as a user of
    /// its own that is given its capabilities (systemd: <c>User=</c>, <c>AmbientCapabilities=CAP_BPF CAP_PERFMON</c>). Takes no capability.
    /// </remarks>
    /// <param name="keep">The names of capabilities to keep where they are held, such as <c>CAP_NET_ADMIN</c>; those started later get none of them.</param>
    /// <exception cref="ArgumentException">There is no capability of that name.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">Before 5.19: what is open could not be used any more; the message says what. Nothing was given up.</exception>
    /// <exception cref="BpfException">
    /// A program is attached by other means than a link, and could not be detached any more; nothing was given up. Or a thread did not give up its own: the
    /// others have.
    /// </exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; nothing was given up.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static void Drop(params ReadOnlySpan<string> keep) => Drop(LinuxKernel.Instance, keep);

    internal static void Drop(IKernel kernel, ReadOnlySpan<string> keep)
    {
        Capabilities kept = Capabilities.None;
        foreach (string name in keep)
        {
            kept |= CapabilityNames.Parse(name) ?? throw new ArgumentException($"There is no capability '{name}'.", nameof(keep));
        }

        ThrowIfAttachedForGood(kept);
        ThrowIfMapsWouldClose(kernel, kept);
        CapabilityBroadcast.Run(kernel, kept);
    }

    private static void ThrowIfAttachedForGood(Capabilities kept)
    {
        foreach ((string what, Capabilities needs) in LastingAttachments.All)
        {
            if ((needs & ~kept) is var missing && missing != Capabilities.None)
            {
                throw new BpfException(
                    $"No capability was given up: detaching {what}, which is attached without a link, takes {CapabilityNames.Of(missing)}. Keep that, or detach first.");
            }
        }
    }

    // Who holds CAP_BPF no more has lost what this would cost already; he only cannot try it.
    private static void ThrowIfMapsWouldClose(IKernel kernel, Capabilities kept)
    {
        if ((kept & (Capabilities.Bpf | Capabilities.SysAdmin)) == Capabilities.None
            && KernelFeatures.UseWithoutCapabilities.Check(kernel).State == BpfFeatureState.Absent)
        {
            throw new BpfFeatureNotSupportedException(Feature, Needs, "capset", null, Errno.EPERM);
        }
    }
}
