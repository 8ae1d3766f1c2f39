using System.Globalization;

namespace Hypermesh.Bpf;

/// <summary>The tracing file system, at either of its two places.</summary>
internal static class TraceFiles
{
    private static readonly string[] s_roots = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

    internal static ulong ReadTracepointId(in LinkRequest request, string category, string name)
    {
        bool mounted = false;
        foreach (string root in s_roots)
        {
            string? text = request.Kernel.TryReadText($"{root}/events/{category}/{name}/id", out long error);
            if (text is not null && ulong.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong id))
            {
                return id;
            }

            if (error is -Errno.EACCES or -Errno.EPERM)
            {
                const string Advice = "Give the process read access to the tracing file system (it is readable by root only), or use tp_btf or raw_tp, which need none.";
                throw new BpfPermissionException(
                    $"Attaching program {request.ProgramName} to {request.Target} failed: {root} may not be read. {Advice}",
                    BpfRefusal.KernelPolicy, null, Advice, "open", null, (int)-error, request.ObjectName, request.ProgramName);
            }

            mounted |= IsMounted(request.Kernel, root);
        }

        throw mounted
            ? request.Absent($"Tracepoint {category}/{name}", "a kernel, or a loaded module, that has it", "open", Errno.ENOENT)
            : request.Absent(
                "The tracing file system", "to be mounted for classic tracepoints: mount -t tracefs tracefs /sys/kernel/tracing (tp_btf and raw_tp need none)",
                "open", Errno.ENOENT);
    }

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
