namespace Hypermesh.Bpf;

/// <summary>A program on a perf event: as a link from 5.15 on, by ioctl before.</summary>
internal static class PerfEventLink
{
    private const uint SetProgram = 0x40042408;
    private const uint EnableEvent = 0x2400;

    /// <summary>Puts the program on the event and lets it run. The event belongs to the answer, and ends here on failure.</summary>
    internal static DescriptorLink Open(in LinkRequest request, int program, BpfHandle @event, ulong cookie = 0, ProbeMethod method = ProbeMethod.Automatic, IDisposable? after = null)
    {
        try
        {
            using HandleUse use = @event.Use();
            return new DescriptorLink(Put(request, program, use.Descriptor, cookie, method), @event, after);
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, @event);
            Teardown.Undo(reason, after);
            throw;
        }
    }

    /// <summary>Puts the program on an event of the caller's, which stays the caller's.</summary>
    /// <returns>The link, null where the kernel has none for it.</returns>
    internal static unsafe BpfHandle? Put(in LinkRequest request, int program, int @event, ulong cookie, ProbeMethod method)
    {
        BpfHandle? link = method == ProbeMethod.PerfEvent ? null : TryLink(request, program, @event, cookie, method);
        if (link is null)
        {
            if (cookie != 0)
            {
                throw request.Absent("A cookie", "Linux 5.15, whose links to perf events carry one", "BPF_LINK_CREATE", Errno.EINVAL);
            }

            long set = request.Kernel.Control(@event, SetProgram, program);
            if (set < 0)
            {
                throw request.Error("ioctl(PERF_EVENT_IOC_SET_BPF)", set);
            }
        }

        long enabled = request.Kernel.Control(@event, EnableEvent, 0);
        if (enabled < 0)
        {
            link?.Dispose();
            throw request.Error("ioctl(PERF_EVENT_IOC_ENABLE)", enabled);
        }

        return link;
    }

    private static BpfHandle? TryLink(in LinkRequest request, int program, int @event, ulong cookie, ProbeMethod method)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetFd = (uint)@event;
        attributes.AttachType = (uint)BpfAttachType.PerfEvent;
        attributes.PerfEventBpfCookie = cookie;
        long result = BpfCalls.CreateLink(request.Kernel, ref attributes);

        // Before 5.15 the kernel knows no such link; its answer to one is EINVAL.
        return result >= 0 ? new BpfHandle(request.Kernel, result)
            : result == -Errno.EINVAL && method != ProbeMethod.Link ? null
            : throw request.Error(BpfCommand.LinkCreate, result, LinkFeatures.PerfEventLink);
    }
}
