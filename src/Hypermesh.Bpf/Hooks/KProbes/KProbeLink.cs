using System.Globalization;
using System.Text;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.KProbes;

/// <summary>Probes one kernel function: by perf event (4.17), or through the tracing file system.</summary>
internal static class KProbeLink
{
    private const int AllProcesses = -1;
    private const int AnyCpu = 0;

    internal static DescriptorLink Open(in LinkRequest request, int program, FunctionPlace place, bool isReturn, KProbeOptions options)
    {
        ProbePlaces.ThrowIfCutShort(request, place.Function);
        if (isReturn && place.Offset != 0)
        {
            throw new BpfException($"Program {request.ProgramName} cannot be attached to {place}: a return probe cannot have an offset. Pass the function's name alone.", request.ObjectName, request.ProgramName);
        }

        if (options.MaxActive != 0 && (!isReturn || options.MaxActive < 0 || options.Method is not (ProbeMethod.Automatic or ProbeMethod.TraceFs)))
        {
            throw new BpfException(
                $"Program {request.ProgramName} cannot be attached to {place} with MaxActive {options.MaxActive}: MaxActive must be positive, requires a return probe, and works only with ProbeMethod.Automatic or ProbeMethod.TraceFs.",
                request.ObjectName, request.ProgramName);
        }

        ProbePmu? pmu = options.Method == ProbeMethod.TraceFs || options.MaxActive > 0 ? null : ProbePmu.Read(request.Kernel, ProbePmu.Kernel);
        return pmu is not null ? OpenEvent(request, program, pmu, place, isReturn, options)
            : options.Method is ProbeMethod.Automatic or ProbeMethod.TraceFs ? OpenTraced(request, program, place, isReturn, options)
            : throw request.Absent("The perf event source of kernel probes", "Linux 4.17 with CONFIG_KPROBE_EVENTS", "open", Errno.ENOENT);
    }

    /// <summary>Opens an event on a function and closes it at once, to probe whether the kernel has that function.</summary>
    internal static unsafe long Try(IKernel kernel, ProbePmu pmu, string function)
    {
        PerfEventAttr attributes = pmu.Attributes(isReturn: false, 0);
        fixed (byte* name = Encoding.UTF8.GetBytes(function + '\0'))
        {
            attributes.KprobeFunc = (ulong)name;
            return FeatureAttempt.Close(kernel, kernel.PerfEventOpen(in attributes, AllProcesses, AnyCpu));
        }
    }

    private static unsafe DescriptorLink OpenEvent(in LinkRequest request, int program, ProbePmu pmu, FunctionPlace place, bool isReturn, KProbeOptions options)
    {
        PerfEventAttr attributes = pmu.Attributes(isReturn, 0);
        fixed (byte* name = Encoding.UTF8.GetBytes(place.Function + '\0'))
        {
            attributes.KprobeFunc = (ulong)name;
            attributes.ProbeOffset = place.Offset;
            long opened = request.Kernel.PerfEventOpen(in attributes, AllProcesses, AnyCpu);
            return opened >= 0
                ? PerfEventLink.Open(request, program, new BpfHandle(request.Kernel, opened), options.Cookie, options.Method)
                : throw Failure(request, place, "perf_event_open", opened);
        }
    }

    private static DescriptorLink OpenTraced(in LinkRequest request, int program, FunctionPlace place, bool isReturn, KProbeOptions options)
    {
        // The kernel would read a leading digit as an address, and what follows '%' as a kind of probe.
        if (place.Function.Contains('%', StringComparison.Ordinal) || place.Function is [>= '0' and <= '9', ..])
        {
            throw KernelFunctions.Missing(request, place.Function, "open");
        }

        string kind = !isReturn ? "p" : options.MaxActive == 0 ? "r" : "r" + options.MaxActive.ToString(CultureInfo.InvariantCulture);
        TraceFsEvent made;
        try
        {
            made = TraceFsEvent.Create(request, "kprobe_events", kind, place.Listed);
        }
        catch (BpfSyscallException reason) when (reason is not BpfFeatureNotSupportedException && reason.Errno is Errno.ENOENT or Errno.EADDRNOTAVAIL)
        {
            throw Failure(request, place, reason.Operation, -reason.Errno);
        }

        BpfHandle @event;
        try
        {
            @event = made.Open(request, process: null);
        }
        catch
        {
            made.Dispose();
            throw;
        }

        return PerfEventLink.Open(request, program, @event, options.Cookie, after: made);
    }

    private static BpfException Failure(in LinkRequest request, FunctionPlace place, string operation, long result) => (int)-result switch
    {
        Errno.ENOENT => KernelFunctions.Missing(request, place.Function, operation),
        Errno.EADDRNOTAVAIL when KernelFunctions.Count(request.Kernel, place.Function) is var count and > 1 => new BpfException(
            $"Program {request.ProgramName} cannot be attached to {place}: this kernel has {count} functions with that name. Use SEC(\"kprobe.multi/…\"), which attaches to all of them.",
            request.ObjectName, request.ProgramName),
        _ => request.Error(operation, result),
    };
}

/// <summary>A function and a byte in it, as sections write it: <c>name</c>, <c>name+16</c>, <c>name+0x10</c>.</summary>
internal readonly record struct FunctionPlace(string Function, ulong Offset)
{
    /// <summary>The place in the format of <c>kprobe_events</c>.</summary>
    internal string Listed => Offset == 0 ? Function : string.Create(CultureInfo.InvariantCulture, $"{Function}+{Offset}");

    internal static FunctionPlace Parse(string text)
    {
        int plus = text.LastIndexOf('+');
        if (plus <= 0)
        {
            return new FunctionPlace(text, 0);
        }

        ReadOnlySpan<char> number = text.AsSpan(plus + 1);
        bool hexadecimal = number.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(
            hexadecimal ? number[2..] : number, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong offset)
            ? new FunctionPlace(text[..plus], offset)
            : new FunctionPlace(text, 0);
    }

    public override string ToString() => Offset == 0 ? Function : $"{Function}+0x{Offset:x}";
}
