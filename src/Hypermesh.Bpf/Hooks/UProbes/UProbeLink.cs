using System.Text;

namespace Hypermesh.Bpf;

/// <summary>A probe of one place of a user program or library: by perf event (4.17), or through the tracing file system.</summary>
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
            throw new BpfException($"Program {request.ProgramName}: the reference counter at 0x{options.ReferenceCounterOffset:x} lies beyond the 4 GiB the kernel takes.", request.ObjectName, request.ProgramName);
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
