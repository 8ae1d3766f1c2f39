using System.Text;

namespace Hypermesh.Bpf;

/// <summary>A probe made as an event of the tracing file system; it is removed when this is disposed, which is after all that listens to it was closed.</summary>
internal sealed class TraceFsEvent : IDisposable
{
    private const string Group = "hypermesh";

    private static int s_last;

    private readonly IKernel _kernel;
    private readonly string _file;
    private readonly string _name;
    private bool _removed;

    private TraceFsEvent(IKernel kernel, string file, string name)
    {
        _kernel = kernel;
        _file = file;
        _name = name;
    }

    /// <summary>Makes the event.</summary>
    /// <param name="request">For whom.</param>
    /// <param name="list">The file that lists such events: <c>kprobe_events</c> or <c>uprobe_events</c>.</param>
    /// <param name="kind"><c>p</c> for entry, <c>r</c> for return, with what may follow it.</param>
    /// <param name="place">The function, or the file and offset.</param>
    internal static TraceFsEvent Create(in LinkRequest request, string list, string kind, string place)
    {
        string root = TraceFiles.Root(request, "for probes made through it");
        string name = $"p{Environment.ProcessId}_{Interlocked.Increment(ref s_last)}";
        var made = new TraceFsEvent(request.Kernel, $"{root}/{list}", name);
        long result = made.Write($"{kind}:{Group}/{name} {place}");
        if (result >= 0)
        {
            return made;
        }

        TraceFiles.ThrowIfRefused(request, root, result);
        string option = list.Replace("_events", "", StringComparison.Ordinal).ToUpperInvariant();
        throw result == -Errno.ENOENT && made.IsListAbsent()
            ? request.Absent($"{root}/{list}", $"a kernel built with CONFIG_{option}_EVENTS", "open", Errno.ENOENT)
            : request.Error($"write to {list}", result);
    }

    /// <summary>A perf event that counts it.</summary>
    internal BpfHandle Open(in LinkRequest request, int? process) => TracepointLink.OpenEvent(request, TraceFiles.ReadTracepointId(request, Group, _name), process);

    public void Dispose()
    {
        if (!_removed)
        {
            _removed = true;
            Write($"-:{Group}/{_name}");
        }
    }

    private bool IsListAbsent() => _kernel.TryReadText(_file, out long error) is null && error == -Errno.ENOENT;

    private long Write(string line)
    {
        long file = _kernel.Open(_file, FileFlags.WriteOnly | FileFlags.Append | FileFlags.CloseOnExec);
        if (file < 0)
        {
            return file;
        }

        using var handle = new BpfHandle(_kernel, file);
        return _kernel.Write((int)file, Encoding.UTF8.GetBytes(line + '\n'));
    }
}
