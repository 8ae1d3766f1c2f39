using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Privileges;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>Drops capabilities of this process once its programs run.</summary>
public static class BpfPrivileges
{
    private const string Feature = "Using open maps, programs and links without capabilities";

    private const string Needs = "Linux 5.19, or kernel.unprivileged_bpf_disabled=0: without capabilities this kernel would deny reading and writing maps, running iterators and "
        + "programs, and querying, updating or force-detaching links; ring buffers, perf buffers, globals, mapped arrays and detaching would still work. "
        + "Nothing was given up; keep CAP_BPF to give up the rest";

    /// <summary>
    /// Drops the capabilities of the whole process permanently: those of every thread, and so of every thread that starts later. Whatever is open keeps
    /// working: maps are read and written, ring buffers and perf buffers consumed, iterators and test runs run, links detached. Everything else fails from then on,
    /// with <see cref="BpfPermissionException"/>: loading, most attaching, lists by ID, a perf buffer that was not opened before. Processes that it starts cannot
    /// regain capabilities either (<c>no_new_privs</c>), so <c>sudo</c> and similar no longer work; processes that it started before keep theirs.
    /// </summary>
    /// <remarks>
    /// In the kernel, capabilities belong to a thread. Each thread drops its own in a signal handler of a few instructions, on the signal that the C library reserves for
    /// changing all threads at once, which no thread blocks; nothing else may change the user of the process meanwhile (<c>setuid</c>). The capabilities of each thread are
    /// read back before this method returns. The user does not change: root without capabilities still owns root's files, so a service should run as a user of
    /// its own with the capabilities it needs (systemd: <c>User=</c>, <c>AmbientCapabilities=CAP_BPF CAP_PERFMON</c>). Needs no capability.
    /// </remarks>
    /// <param name="keep">The names of capabilities to keep if a thread has them, such as <c>CAP_NET_ADMIN</c>; processes started later do not get them.</param>
    /// <exception cref="ArgumentException">There is no capability with that name.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 5.19: open objects could no longer be used; the message says which. Nothing was dropped.</exception>
    /// <exception cref="BpfException">
    /// A program is attached without a link, and could no longer be detached; nothing was dropped. Or a thread did not drop its capabilities; the
    /// other threads did.
    /// </exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; nothing was dropped.</exception>
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
                    $"No capability was given up: detaching {what}, which is attached without a link, requires {CapabilityNames.Of(missing)}. Keep that capability, or detach first.");
            }
        }
    }

    // A process without CAP_BPF has already lost what this would cost, and cannot probe it.
    private static void ThrowIfMapsWouldClose(IKernel kernel, Capabilities kept)
    {
        if ((kept & (Capabilities.Bpf | Capabilities.SysAdmin)) == Capabilities.None
            && KernelFeatures.UseWithoutCapabilities.Check(kernel).State == BpfFeatureState.Absent)
        {
            throw new BpfFeatureNotSupportedException(Feature, Needs, "capset", null, Errno.EPERM);
        }
    }
}
