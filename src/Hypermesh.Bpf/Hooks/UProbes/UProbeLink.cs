using System.Text;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.UProbes;

/// <summary>Probes one place in a user program or library: by perf event (4.17), or through the tracing file system.</summary>
internal static class UProbeLink
{
    private const int AllProcesses = -1;
    private const int AnyCpu = 0;
    private const ulong LargestCounterOffset = uint.MaxValue;

    internal static DescriptorLink Open(in LinkRequest request, int program, string path, ulong offset, bool isReturn, UProbeOptions options)
    {
        ProbePlaces.ThrowIfCutShort(request, path);
        ProbePmu? pmu = options.Method == ProbeMethod.TraceFs ? null : ProbePmu.Read(request.Kernel, ProbePmu.User);
        if (options.ReferenceCounterOffset != 0 && pmu is { CounterShift: null })
        {
            throw request.Absent("A reference counter of a user probe", "Linux 4.20", "open", Errno.ENOENT);
        }

        if (options.ReferenceCounterOffset > LargestCounterOffset)
        {
            throw new BpfException($"Program {request.ProgramName}: the reference counter at 0x{options.ReferenceCounterOffset:x} is beyond the first 4 GiB of the file, and the kernel supports no larger offset.", request.ObjectName, request.ProgramName);
        }

        return pmu is not null ? OpenEvent(request, program, pmu, path, offset, isReturn, options)
            : options.Method is ProbeMethod.Automatic or ProbeMethod.TraceFs ? OpenTraced(request, program, path, offset, isReturn, options)
            : throw request.Absent("The perf event source of user probes", "Linux 4.17 with CONFIG_UPROBE_EVENTS", "open", Errno.ENOENT);
    }

    private static unsafe DescriptorLink OpenEvent(in LinkRequest request, int program, ProbePmu pmu, string path, ulong offset, bool isReturn, UProbeOptions options)
    {
        PerfEventAttr attributes = pmu.Attributes(isReturn, options.ReferenceCounterOffset);
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            attributes.UprobePath = (ulong)name;
            attributes.ProbeOffset = offset;
            long opened = request.Kernel.PerfEventOpen(in attributes, options.ProcessId ?? AllProcesses, options.ProcessId is null ? AnyCpu : PerfEvents.AllCpus);
            return opened >= 0
                ? PerfEventLink.Open(request, program, new BpfHandle(request.Kernel, opened), options.Cookie, options.Method)
                : throw UProbePrivileges.Failure(request, opened);
        }
    }

    private static DescriptorLink OpenTraced(in LinkRequest request, int program, string path, ulong offset, bool isReturn, UProbeOptions options)
    {
        string counter = options.ReferenceCounterOffset == 0 ? "" : $"(0x{options.ReferenceCounterOffset:x})";
        TraceFsEvent made = TraceFsEvent.Create(request, "uprobe_events", isReturn ? "r" : "p", $"{path}:0x{offset:x16}{counter}");
        BpfHandle @event;
        try
        {
            @event = made.Open(request, options.ProcessId);
        }
        catch
        {
            made.Dispose();
            throw;
        }

        return PerfEventLink.Open(request, program, @event, options.Cookie, after: made);
    }
}

/// <summary>
/// The capability that perf events of user programs require: CAP_PERFMON from 5.8 on, and CAP_SYS_ADMIN again since July 2025, in old series too, because a probe in the middle of
/// an instruction can damage the program. Links to many places (uprobe.multi, 6.6) need only the capabilities for loading.
/// </summary>
internal static class UProbePrivileges
{
    private const int SeriesBits = 8;

    // The first version of each series that requires it. A distribution may have backported it: then the call fails although the process has CAP_PERFMON.
    private static readonly uint[] s_first =
    [
        Version(5, 10, 240), Version(5, 15, 189), Version(6, 1, 146), Version(6, 6, 99), Version(6, 12, 39), Version(6, 15, 7), Version(6, 16, 0),
    ];

    internal static Capabilities Of(IKernel kernel) => AsksForAdministrator(KernelVersion.Code(kernel)) ? Capabilities.SysAdmin : Capabilities.PerfMon;

    internal static BpfSyscallException Failure(in LinkRequest request, long result)
    {
        Capabilities asks = Of(request.Kernel);
        bool isAdministrators = asks == Capabilities.SysAdmin || ProcessPrivileges.Read(request.Kernel).Missing(Capabilities.PerfMon) == Capabilities.None;
        return request.Error(
            "perf_event_open", result,
            isAdministrators && result == -Errno.EACCES ? "Kernels since July 2025 require CAP_SYS_ADMIN for perf events of user programs; SEC(\"uprobe.multi/…\") (6.6) does not need it." : null,
            isAdministrators ? Capabilities.SysAdmin : asks);
    }

    internal static bool AsksForAdministrator(uint version)
        => version >= s_first[^1] || Array.Exists(s_first, first => first >> SeriesBits == version >> SeriesBits && version >= first);

    private static uint Version(uint major, uint minor, uint patch) => (major << 16) + (minor << SeriesBits) + patch;
}
