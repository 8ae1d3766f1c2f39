using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>The voluntary context switches of this process, by the kernel's own count. Each of them ended with a wake-up.</summary>
internal static unsafe partial class OwnSwitches
{
    // struct rusage has two timevals and 14 longs; ru_nvcsw is the 13th of these (uapi/linux/resource.h).
    private const int Longs = 18;
    private const int Voluntary = 16;

    internal static ulong Read()
    {
        nint* usage = stackalloc nint[Longs];
        return GetUsage(0, usage) == 0 ? (ulong)usage[Voluntary] : 0;
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, nint* usage);
}
