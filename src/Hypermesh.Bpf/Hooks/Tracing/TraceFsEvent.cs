using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf;

/// <summary>A probe made as an event of the tracing file system. Disposing it removes the event; what listens to the event must be closed before.</summary>
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

    /// <summary>Makes the event.</summary>
    /// <param name="request">What attaches to what.</param>
    /// <param name="list">The file that lists such events: <c>kprobe_events</c> or <c>uprobe_events</c>.</param>
    /// <param name="kind"><c>p</c> for entry, <c>r</c> for return, with what may follow it.</param>
    /// <param name="place">The function, or the file and offset, as the kernel lists it.</param>
    internal static TraceFsEvent Create(in LinkRequest request, string list, string kind, string place)
    {
        ThrowIfNotOneWord(request, place);
        TraceFsRemovals.Retry();
        string root = TraceFiles.Root(request, "for probes made through it", list == "kprobe_events" ? "A probe of a kernel function" : "A probe of a user program", OptionOf(list));
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

    // With its place, so that only the probe made here is removed.
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
                $"Attaching program {request.ProgramName} to {request.Target} failed: {file} has {found} lines of event {FullName} {(times == 0 ? "before" : "after")} it is made, instead of {times}: "
                + $"another process makes or removes probes of that name. Remove the event (echo '-:{FullName}' >> {file}) and attach again.",
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
