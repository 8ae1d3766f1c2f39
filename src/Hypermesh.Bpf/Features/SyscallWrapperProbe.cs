using System.Globalization;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>
/// Whether system calls are functions that get their arguments in a struct pt_regs (4.17, CONFIG_ARCH_HAS_SYSCALL_WRAPPER): then bpf(2) is
/// <c>__x64_sys_bpf</c>, and a kprobe finds it. Without kprobes nobody asks.
/// </summary>
internal static unsafe class SyscallWrapperProbe
{
    private const int AllProcesses = -1;
    private const int AnyCpu = 0;

    internal static long Try(IKernel kernel)
    {
        string? type = kernel.TryReadText("/sys/bus/event_source/devices/kprobe/type", out long error);
        if (!uint.TryParse(type, CultureInfo.InvariantCulture, out uint probe))
        {
            return error < 0 ? error : -Errno.ENOENT;
        }

        fixed (byte* name = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "__arm64_sys_bpf\0"u8 : "__x64_sys_bpf\0"u8)
        {
            PerfEventAttr attributes = default;
            attributes.Type = probe;
            attributes.Size = (uint)sizeof(PerfEventAttr);
            attributes.KprobeFunc = (ulong)name;
            return FeatureProbes.Close(kernel, kernel.PerfEventOpen(in attributes, AllProcesses, AnyCpu));
        }
    }
}
