using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Hooks.TraceEvents;

/// <summary>A probe created as an event of the tracing file system. Disposing it removes the event; its listeners must be closed before.</summary>
internal sealed class TraceFsEvent : IDisposable
{
    // The kernel reads a control character as a space, '#' as the start of a comment, and this byte, alone or as part of a UTF-8 character, as a space too.
    private const byte NoBreakSpace = 0xa0;
    private const byte Delete = 0x7f;

    private static int s_last;

    private readonly BpfHandle _list;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly string _place;
    private bool _disposed;

    private TraceFsEvent(BpfHandle list, ILogger logger, string name, string place)
    {
        _list = list;
        _logger = logger;
        _name = name;
        _place = place;
    }

    /// <summary>
    /// The group of this process's events. It is random, since the kernel appends a probe to an event of the same name: process IDs repeat across containers, and a
    /// killed process leaves its events behind.
    /// </summary>
    internal static string Group { get; } = "hypermesh_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>The event's name, with its group.</summary>
    internal string FullName => $"{Group}/{_name}";

    /// <summary>Creates the event.</summary>
    /// <param name="request">The program and its target.</param>
    /// <param name="list">The file that lists such events: <c>kprobe_events</c> or <c>uprobe_events</c>.</param>
    /// <param name="kind"><c>p</c> for entry, <c>r</c> for return, optionally with MaxActive.</param>
    /// <param name="place">The function, or the file and offset, as the kernel lists it.</param>
    internal static TraceFsEvent Create(in LinkRequest request, string list, string kind, string place)
    {
        ThrowIfNotOneWord(request, place);
        TraceFsRemovals.Retry();
        string root = TraceFiles.Root(request, "for probes created through it", list == "kprobe_events" ? "A probe of a kernel function" : "A probe of a user program", OptionOf(list));
        string file = $"{root}/{list}";
        long opened = request.Kernel.Open(file, FileFlags.WriteOnly | FileFlags.Append | FileFlags.CloseOnExec);
        if (opened < 0)
        {
            throw Failure(request, root, list, "open", opened);
        }

        // Kept open until the event is removed: by then this thread may be in another mount namespace, or the process may lack the privilege to open the file.
        var handle = new BpfHandle(request.Kernel, opened) { Subject = file };
        var made = new TraceFsEvent(handle, request.Logger, $"p{Interlocked.Increment(ref s_last)}", place);
        try
        {
            made.ThrowUnlessListed(request, file, times: 0);
            long written = made.Write($"{kind}:{made.FullName} {place}");
            if (written < 0)
            {
                throw Failure(request, root, list, $"write to {list}", written);
            }
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        try
        {
            made.ThrowUnlessListed(request, file, times: 1);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>A perf event that counts it.</summary>
    internal BpfHandle Open(in LinkRequest request, int? process) => TracepointLink.OpenEvent(request, TraceFiles.ReadTracepointId(request, Group, _name), process);

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        long removed = Remove();
        if (removed < 0)
        {
            _logger.ProbeNotRemoved(FullName, Errno.Name((int)-removed), _list.Subject!);
            TraceFsRemovals.Add(this);
        }
    }

    /// <summary>Tries again to remove the event, and logs success.</summary>
    internal bool TryRemoveLater()
    {
        if (Remove() < 0)
        {
            return false;
        }

        try
        {
            _logger.ProbeRemovedLater(FullName);
        }
        catch (Exception)
        {
            // On a timer's thread, an exception of the logger would end the process.
        }

        return true;
    }

    // With its place, so that only the probe created here is removed.
    private long Remove()
    {
        long removed = Write($"-:{FullName} {_place}");
        if (removed < 0 && removed != -Errno.ENOENT)
        {
            return removed;
        }

        // ENOENT: somebody has removed it already.
        _list.Dispose();
        return 0;
    }

    private long Write(string line)
    {
        using HandleUse use = _list.Use();
        return _list.Kernel.Write(use.Descriptor, Encoding.UTF8.GetBytes(line + '\n'));
    }

    private void ThrowUnlessListed(in LinkRequest request, string file, int times)
    {
        int found = 0;
        byte[] name = Encoding.UTF8.GetBytes($":{FullName} ");
        if (!request.Kernel.TryReadLines(file, line => found += line.IndexOf(name) is var at and > 0 && !line[..at].Contains((byte)' ') ? 1 : 0, out long error))
        {
            throw request.Error($"read {file}", error);
        }

        if (found != times)
        {
            throw new BpfException(
                $"Attaching program {request.ProgramName} to {request.Target} failed: {file} has {found} lines of event {FullName} {(times == 0 ? "before" : "after")} it is created, instead of {times}: "
                + $"another process creates or removes probes with that name. Remove the event (echo '-:{FullName}' >> {file}) and attach again.",
                request.ObjectName, request.ProgramName);
        }
    }

    private static BpfException Failure(in LinkRequest request, string root, string list, string operation, long result)
    {
        TraceFiles.ThrowIfRefused(request, root, result);
        return operation == "open" && result == -Errno.ENOENT
            ? request.Absent($"{root}/{list}", $"a kernel built with {OptionOf(list)}", "open", Errno.ENOENT)
            : request.Error(operation, result);
    }

    private static string OptionOf(string list) => "CONFIG_" + list.ToUpperInvariant();

    private static void ThrowIfNotOneWord(in LinkRequest request, string place)
    {
        foreach (byte unit in Encoding.UTF8.GetBytes(place))
        {
            if (unit is <= (byte)' ' or (byte)'#' or Delete or NoBreakSpace)
            {
                throw new BpfException(
                    $"Attaching program {request.ProgramName} to {request.Target} failed: the tracing file system does not accept a target with a space, a '#', a control character or the byte 0xa0, "
                    + $"and this one has 0x{unit:x2}. Use a path without it, such as a symbolic link; or use ProbeMethod.Automatic on a kernel with perf probes (4.17), which accept any path.",
                    request.ObjectName, request.ProgramName);
            }
        }
    }
}

/// <summary>
/// Events of the tracing file system that could not be removed when their link ended, most often because another process listens to them (EBUSY). The removal is
/// retried after a delay, when another probe is created, and when the process ends.
/// </summary>
internal static class TraceFsRemovals
{
    private const int FirstDelay = 100;
    private const int LongestDelay = 60_000;

    private static readonly Lock s_gate = new();
    private static readonly List<TraceFsEvent> s_waiting = [];
    private static Timer? s_timer;
    private static int s_delay;

    /// <summary>The number of events that wait to be removed.</summary>
    internal static int Count
    {
        get
        {
            lock (s_gate)
            {
                return s_waiting.Count;
            }
        }
    }

    internal static void Add(TraceFsEvent @event)
    {
        lock (s_gate)
        {
            if (s_timer is null)
            {
                s_timer = new Timer(static _ => RetryAndWait());
                AppDomain.CurrentDomain.ProcessExit += static (_, _) => Retry();
            }

            s_waiting.Add(@event);
            s_delay = FirstDelay;
            s_timer.Change(s_delay, Timeout.Infinite);
        }
    }

    /// <summary>Retries all removals.</summary>
    internal static void Retry()
    {
        lock (s_gate)
        {
            s_waiting.RemoveAll(static @event => @event.TryRemoveLater());
        }
    }

    private static void RetryAndWait()
    {
        lock (s_gate)
        {
            Retry();
            if (s_waiting.Count > 0)
            {
                s_delay = Math.Min(s_delay * 2, LongestDelay);
                s_timer!.Change(s_delay, Timeout.Infinite);
            }
        }
    }
}

/// <summary>The tracing file system, at one of its two mount points.</summary>
internal static partial class TraceFiles
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

    /// <summary>The size of a tracepoint's record, from its file <c>format</c>; null if that cannot be read.</summary>
    internal static int? RecordSize(IKernel kernel, string category, string name)
    {
        string? text = Roots.Select(root => kernel.TryReadText($"{root}/events/{category}/{name}/format", out _)).FirstOrDefault(static text => text is not null);
        int size = 0;
        foreach (Match field in FieldPlace().Matches(text ?? ""))
        {
            size = Math.Max(size, int.Parse(field.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) + int.Parse(field.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture));
        }

        return size == 0 ? null : size;
    }

    // "	field:pid_t pid;	offset:24;	size:4;	signed:1;"
    [GeneratedRegex(@"offset:(\d{1,6});\s*size:(\d{1,6});")]
    private static partial Regex FieldPlace();

    /// <summary>Returns its mount point.</summary>
    /// <param name="request">For whom.</param>
    /// <param name="purpose">What for, as the end of "to be mounted …".</param>
    /// <param name="feature">What is attached, as the subject of "… is not available".</param>
    /// <param name="option">The kernel option that the purpose requires.</param>
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
            ? request.Absent(feature, $"a kernel built with {option}, which this kernel's configuration does not have (hmbpf doctor shows what it has); fentry, fexit and tp_btf programs do not need it", "open", Errno.ENOENT)
            : NotMounted(request, purpose, "it is not mounted in this mount namespace");
    }

    internal static void ThrowIfRefused(in LinkRequest request, string root, long error)
    {
        if (error is not (-Errno.EACCES or -Errno.EPERM))
        {
            return;
        }

        const string Advice = "Give the process read access to the tracing file system, and write access for probes created through it (by default only root has access), or use tp_btf or raw_tp, which need none.";
        throw new BpfPermissionException(
            $"Attaching program {request.ProgramName} to {request.Target} failed: access to {root} is denied. {Advice}",
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
