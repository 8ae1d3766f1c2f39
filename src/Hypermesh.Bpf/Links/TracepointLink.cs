namespace Hypermesh.Bpf;

/// <summary>A classic tracepoint: its number from tracefs, a perf event of it, and the program on that (as a link from 5.15 on, by ioctl before).</summary>
internal static class TracepointLink
{
    private const uint TypeTracepoint = 2;
    private const uint SetProgram = 0x40042408;
    private const uint EnableEvent = 0x2400;
    private const int AllProcesses = -1;
    private const int AnyCpu = 0;

    internal static unsafe DescriptorLink Open(in LinkRequest request, int program, string category, string name)
    {
        PerfEventAttr attributes = default;
        attributes.Type = TypeTracepoint;
        attributes.Size = (uint)sizeof(PerfEventAttr);
        attributes.Config = TraceFiles.ReadTracepointId(request, category, name);
        attributes.SamplePeriod = 1;
        attributes.WakeupEvents = 1;
        long opened = request.Kernel.PerfEventOpen(in attributes, AllProcesses, AnyCpu);
        if (opened < 0)
        {
            throw request.Error("perf_event_open", opened);
        }

        var @event = new BpfHandle(request.Kernel, opened);
        try
        {
            return new DescriptorLink(Put(request, program, (int)opened), @event);
        }
        catch
        {
            @event.Dispose();
            throw;
        }
    }

    private static BpfHandle? Put(in LinkRequest request, int program, int @event)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetFd = (uint)@event;
        attributes.AttachType = (uint)BpfAttachType.PerfEvent;
        long result = KernelLink.TryCreate(request.Kernel, ref attributes);
        BpfHandle? link = result >= 0 ? new BpfHandle(request.Kernel, result) : null;
        if (link is null)
        {
            // Before 5.15 the kernel knows no such link; its answer to one is EINVAL.
            if (result != -Errno.EINVAL)
            {
                throw request.Error(BpfCommand.LinkCreate, result);
            }

            result = request.Kernel.Control(@event, SetProgram, program);
            if (result < 0)
            {
                throw request.Error("ioctl(PERF_EVENT_IOC_SET_BPF)", result);
            }
        }

        result = request.Kernel.Control(@event, EnableEvent, 0);
        if (result < 0)
        {
            link?.Dispose();
            throw request.Error("ioctl(PERF_EVENT_IOC_ENABLE)", result);
        }

        return link;
    }
}
