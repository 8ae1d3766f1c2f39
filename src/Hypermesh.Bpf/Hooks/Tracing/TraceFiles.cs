using System.Globalization;

namespace Hypermesh.Bpf;

/// <summary>The tracing file system, at either of its two places.</summary>
internal static class TraceFiles
{
    internal static IReadOnlyList<string> Roots { get; } = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

    internal static ulong ReadTracepointId(in LinkRequest request, string category, string name)
    {
        bool mounted = false;
        foreach (string root in Roots)
        {
            string? text = request.Kernel.TryReadText($"{root}/events/{category}/{name}/id", out long error);
            if (text is not null && ulong.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong id))
            {
                return id;
            }

            ThrowIfRefused(request, root, error);
            mounted |= IsMounted(request.Kernel, root);
        }

        throw mounted
            ? request.Absent($"Tracepoint {category}/{name}", "a kernel, or a loaded module, that has it", "open", Errno.ENOENT)
            : NotMounted(request, "for classic tracepoints", "tp_btf and raw_tp need none");
    }

    /// <summary>The place it is mounted at.</summary>
    /// <param name="request">For whom.</param>
    /// <param name="purpose">What for, as the end of "to be mounted …".</param>
    /// <param name="feature">What is attached, as the subject of "… is not there".</param>
    /// <param name="option">The kernel's option without which mounting it is of no use.</param>
    internal static string Root(in LinkRequest request, string purpose, string feature, string option)
    {
        foreach (string root in Roots)
        {
            if (IsMounted(request.Kernel, root))
            {
                return root;
            }
        }

        throw KernelConfigText.Has(request.Kernel, option) == false
            ? request.Absent(feature, $"a kernel built with {option}, and this one's configuration does not have it (hmbpf doctor shows what it has); fentry, fexit and tp_btf programs do not need it", "open", Errno.ENOENT)
            : NotMounted(request, purpose, "it is not mounted in this mount namespace");
    }

    internal static void ThrowIfRefused(in LinkRequest request, string root, long error)
    {
        if (error is not (-Errno.EACCES or -Errno.EPERM))
        {
            return;
        }

        const string Advice = "Give the process read access to the tracing file system, and write access for probes made through it (it is root's alone), or use tp_btf or raw_tp, which need none.";
        throw new BpfPermissionException(
            $"Attaching program {request.ProgramName} to {request.Target} failed: {root} may not be used. {Advice}",
            BpfRefusal.KernelPolicy, null, Advice, "open", null, (int)-error, request.ObjectName, request.ProgramName);
    }

    private static BpfFeatureNotSupportedException NotMounted(in LinkRequest request, string purpose, string otherwise)
        => request.Absent(
            "The tracing file system", $"to be mounted {purpose}: mount -t tracefs tracefs /sys/kernel/tracing ({otherwise})", "open", Errno.ENOENT);

    private static bool IsMounted(IKernel kernel, string root)
    {
        long descriptor = kernel.Open($"{root}/events", FileFlags.ReadOnly | FileFlags.CloseOnExec);
        if (descriptor >= 0)
        {
            kernel.Close((int)descriptor);
        }

        return descriptor >= 0;
    }
}
