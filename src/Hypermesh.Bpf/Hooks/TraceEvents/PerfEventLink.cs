using System.Globalization;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.TraceEvents;

/// <summary>Attaches a program to a perf event: by link from 5.15 on, by ioctl before.</summary>
internal static class PerfEventLink
{
    private const uint SetProgram = 0x40042408;
    private const uint EnableEvent = 0x2400;

    /// <summary>Attaches the program to the event and enables it. The returned link owns the event; on failure the event is closed.</summary>
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

    /// <summary>Attaches the program to an event that the caller keeps.</summary>
    /// <returns>The link; null if the kernel does not support links to perf events.</returns>
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

        // Kernels before 5.15 do not support such links and return EINVAL.
        return result >= 0 ? new BpfHandle(request.Kernel, result)
            : result == -Errno.EINVAL && method != ProbeMethod.Link ? null
            : throw request.Error(BpfCommand.LinkCreate, result, LinkFeatures.PerfEventLink);
    }
}

/// <summary><c>perf_event_open(2)</c>.</summary>
internal static class PerfEvents
{
    /// <summary>The CPU number for all CPUs, for events of one process.</summary>
    internal const int AllCpus = -1;

    internal static BpfHandle Open(in LinkRequest request, in PerfEventAttr attributes, int process, int cpu)
        => Own(request, request.Kernel.PerfEventOpen(in attributes, process, cpu));

    /// <summary>Returns the opened event, or throws for a negative errno.</summary>
    internal static BpfHandle Own(in LinkRequest request, long opened)
        => opened >= 0 ? new BpfHandle(request.Kernel, opened) : throw request.Error("perf_event_open", opened);
}

/// <summary>Attaches a program to a classic tracepoint: by a perf event with the tracepoint's ID from tracefs.</summary>
internal static class TracepointLink
{
    private const uint TypeTracepoint = 2;
    private const int AllProcesses = -1;
    private const int AnyCpu = 0;

    /// <summary>Attaches the program to the tracepoint.</summary>
    /// <param name="request">The program and its target, for messages.</param>
    /// <param name="program">The program.</param>
    /// <param name="category">The tracepoint's category.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cookie">A number for the program; 0 for none.</param>
    /// <param name="contextEnd">The end of the part of the tracepoint's record that the program reads; 0 if not known.</param>
    internal static DescriptorLink Open(in LinkRequest request, int program, string category, string name, ulong cookie, int contextEnd)
    {
        BpfHandle @event = OpenEvent(request, TraceFiles.ReadTracepointId(request, category, name));
        try
        {
            return PerfEventLink.Open(request, program, @event, cookie);
        }
        catch (BpfPermissionException refusal) when (refusal.Errno == Errno.EACCES && refusal.Refused != BpfRefusal.Capability && TraceFiles.RecordSize(request.Kernel, category, name) is { } size && contextEnd > size)
        {
            throw new BpfSyscallException(
                $"Attaching program {request.ProgramName} to {request.Target} failed: {refusal.Operation} returned EACCES. The program reads up to byte {contextEnd} of its context, and the record of {name} has {size} bytes: the context has the type of another tracepoint. "
                + $"Declare it as struct trace_event_raw_{name} of vmlinux.h, or as the type of the event's class (/sys/kernel/tracing/events/{category}/{name}/format lists the fields).",
                refusal.Operation, refusal.Command, refusal.Errno, request.ObjectName, request.ProgramName);
        }
    }

    /// <summary>Opens a perf event of a tracepoint, or of an event created in tracefs.</summary>
    /// <param name="request">The program and its target, for messages.</param>
    /// <param name="id">The tracepoint's ID.</param>
    /// <param name="process">The process whose hits count; null for all.</param>
    internal static unsafe BpfHandle OpenEvent(in LinkRequest request, ulong id, int? process = null)
    {
        PerfEventAttr attributes = default;
        attributes.Type = TypeTracepoint;
        attributes.Size = (uint)sizeof(PerfEventAttr);
        attributes.Config = id;
        attributes.SamplePeriod = 1;
        attributes.WakeupEvents = 1;
        return PerfEvents.Open(request, attributes, process ?? AllProcesses, process is null ? AnyCpu : PerfEvents.AllCpus);
    }
}

/// <summary>The perf event source of probes (4.17): its type number, and the bits of its options in <c>config</c>.</summary>
internal sealed record ProbePmu(uint Type, int ReturnBit, int? CounterShift)
{
    private const string Root = "/sys/bus/event_source/devices/";

    /// <summary>The source for kernel functions.</summary>
    internal const string Kernel = "kprobe";

    /// <summary>The source for user programs and libraries.</summary>
    internal const string User = "uprobe";

    /// <summary>Reads the source from sysfs; null if the kernel has none.</summary>
    internal static ProbePmu? Read(IKernel kernel, string kind)
        => Number(kernel, kind + "/type", "") is { } type && Number(kernel, kind + "/format/retprobe", "config:") is { } returnBit
            ? new ProbePmu((uint)type, returnBit, Number(kernel, kind + "/format/ref_ctr_offset", "config:"))
            : null;

    /// <summary>The attributes of an event; the caller sets the place.</summary>
    internal unsafe PerfEventAttr Attributes(bool isReturn, ulong counterOffset)
    {
        PerfEventAttr attributes = default;
        attributes.Type = Type;
        attributes.Size = (uint)sizeof(PerfEventAttr);
        attributes.Config = (isReturn ? 1ul << ReturnBit : 0) | (CounterShift is { } shift ? counterOffset << shift : 0);
        return attributes;
    }

    // "8", "config:0", "config:32-63".
    private static int? Number(IKernel kernel, string file, string prefix)
    {
        string? text = kernel.TryReadText(Root + file, out _)?.Trim();
        if (text is null || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        ReadOnlySpan<char> number = text.AsSpan(prefix.Length);
        int dash = number.IndexOf('-');
        return int.TryParse(dash < 0 ? number : number[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
    }
}
