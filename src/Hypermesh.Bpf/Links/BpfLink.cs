namespace Hypermesh.Bpf;

/// <summary>
/// A program attached to something. The live object keeps it, so it may be dropped without detaching; disposing it detaches early. After that, or after the
/// object's end, it is only a memory of what was.
/// </summary>
public sealed class BpfLink : IDisposable
{
    private LinkResource? _resource;

    internal BpfLink(BpfProgram program, string target, LinkResource resource)
    {
        Program = program;
        Target = target;
        _resource = resource;
    }

    /// <summary>The program.</summary>
    public BpfProgram Program { get; }

    /// <summary>What it is attached to, as a person would write it.</summary>
    public string Target { get; }

    /// <summary>False once it is detached.</summary>
    public bool IsAttached => Volatile.Read(ref _resource) is not null;

    /// <summary>The kernel's number of the link, as <c>bpftool link</c> shows it; null where the kernel has none (sockets, perf events before 5.15).</summary>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public uint? Id => Attached.LinkHandle is { } handle ? ObjectInfo.Link(handle).Id : null;

    /// <summary>True when what it was attached to is gone, and the attachment with it, while nobody has detached it.</summary>
    internal bool HasEnded => Volatile.Read(ref _resource) is { HasEnded: true };

    internal LinkResource Attached
    {
        get
        {
            LinkResource? resource = Volatile.Read(ref _resource);
            ObjectDisposedException.ThrowIf(resource is null, this);
            return resource;
        }
    }

    /// <summary>Detaches. Once is enough; again does nothing.</summary>
    public void Detach() => Dispose();

    /// <summary>Detaches. Once is enough; again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _resource, null) is { } resource)
        {
            resource.Dispose();
            Program.Remove(this);
            BpfMetrics.Detached(Program.Type);
            Program.Descriptor.Logger.Detached(Program.Name, Target);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Program.Name} on {Target}{(IsAttached ? "" : " (detached)")}";
}
