using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Links;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf;

/// <summary>
/// A program attached to something. The live object keeps it, so it may be dropped without detaching; disposing it detaches early. After that, or after the
/// object's end, only its description remains.
/// </summary>
public sealed class BpfLink : IDisposable
{
    // Serializes Update, Pin, ForceDetach and the end of the link. A program's own lock is taken inside this one, never around it.
    private readonly Lock _gate = new();
    private LinkResource? _resource;

    internal BpfLink(BpfProgram program, string target, LinkResource resource)
    {
        Program = program;
        Target = target;
        _resource = resource;
    }

    /// <summary>The program; another one after <see cref="Update"/>.</summary>
    public BpfProgram Program { get; private set; }

    /// <summary>What it is attached to, as a person would write it.</summary>
    public string Target { get; }

    /// <summary>False once it is detached.</summary>
    public bool IsAttached => Volatile.Read(ref _resource) is not null;

    /// <summary>The kernel's ID of the link, as <c>bpftool link</c> shows it; null where the kernel has none (sockets, perf events before 5.15).</summary>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public uint? Id => Attached.LinkHandle is { } handle ? ObjectInfo.Link(handle).Id : null;

    /// <summary>The kernel's link object.</summary>
    /// <exception cref="BpfException">The kernel has none for it.</exception>
    internal BpfHandle KernelHandle => Attached.LinkHandle
        ?? throw new BpfException($"Program {Program.Name} is attached to {Target} without a link, so the attachment cannot be pinned, updated, detached by force or queried.", null, Program.Name);

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

    /// <summary>What the kernel says about the link (5.8). Needs no capability beyond having it.</summary>
    /// <exception cref="BpfException">It is attached without a link.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public BpfLinkInfo GetInfo() => LinkInfoReader.Read(KernelHandle);

    /// <summary>
    /// Replaces the program by another one (5.7), without a moment in which none runs: the way to a new version of a program. The link then belongs to the
    /// new program, and ends with that one's object. Possible for control groups, network namespaces, XDP, iterators, TCX, netkit and socket maps.
    /// </summary>
    /// <param name="program">The new program, of the same type.</param>
    /// <exception cref="BpfException">The program is not loaded, or it is attached without a link.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EPERM: someone else put another program there meanwhile; ENOLINK: what it was attached to is gone; EINVAL: the program or the kind of link is not one for it.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public void Update(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        BpfProgram old;
        bool adopted;
        lock (_gate)
        {
            old = Program;
            LinkCalls.Update(KernelHandle, program.Loaded, old.Loaded, $"Putting program {program.Name} in the place of {old.Name} on {Target}", program, old);
            old.Remove(this);
            Program = program;
            adopted = program.TryAdopt(this);
        }

        program.Descriptor.Logger.Updated(program.Name, old.Name, Target);
        if (!adopted)
        {
            // The new program was unloaded meanwhile: its links end with it.
            Dispose();
        }
    }

    /// <summary>Pins the link in the BPF file system (5.7): it stays attached after this process has ended, until the pin is removed. A missing directory is created.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>; its last part has no dot.</param>
    /// <exception cref="BpfException">It is attached without a link.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EEXIST: the path is taken; the message says by what.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public void Pin(string path)
    {
        lock (_gate)
        {
            ObjectPins.Pin(KernelHandle, path, $"Pinning the link of program {Program.Name} to {Target}", Program.Descriptor.ObjectName, Program.Name);
        }
    }

    /// <summary>Removes a pin. The link stays while anyone holds it.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="BpfSyscallException">It is not there (ENOENT), or may not be removed.</exception>
    public void Unpin(string path) => ObjectPins.Remove(
        Program.Kernel, path, $"Unpinning the link of program {Program.Name} to {Target}", Program.Descriptor.ObjectName, Program.Name);

    /// <summary>
    /// Detaches, and where there is a link object, by force (5.9): also what another descriptor or a pin would keep attached. Needs CAP_BPF and what
    /// attaching needed.
    /// </summary>
    /// <exception cref="BpfSyscallException">The kernel refused; EOPNOTSUPP: links of this kind end with their last holder only.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public void ForceDetach()
    {
        lock (_gate)
        {
            if (Attached.LinkHandle is { } handle)
            {
                LinkCalls.ForceDetach(handle, $"Detaching program {Program.Name} from {Target}");
            }
        }

        Dispose();
    }

    /// <summary>Detaches, unless it is pinned. Once is enough; again does nothing.</summary>
    public void Detach() => Dispose();

    /// <summary>Detaches, unless it is pinned. Once is enough; again does nothing.</summary>
    public void Dispose() => End(owner: null);

    /// <inheritdoc/>
    public override string ToString() => $"{Program.Name} on {Target}{(IsAttached ? "" : " (detached)")}";

    /// <summary>Detaches, if the link still belongs to that program: Update may have given it to another since the program listed its links.</summary>
    /// <param name="owner">The program; null for any.</param>
    internal void End(BpfProgram? owner)
    {
        var teardown = default(Teardown);
        BpfProgram program;
        lock (_gate)
        {
            program = Program;
            if (_resource is not { } resource || (owner is not null && owner != program))
            {
                return;
            }

            Volatile.Write(ref _resource, null);
            teardown.End(resource);
            program.Remove(this);
        }

        teardown.Do(program, static program => BpfMetrics.Detached(program.Type));
        teardown.Do(this, static link => link.Program.Descriptor.Logger.Detached(link.Program.Name, link.Target));
        teardown.Report();
    }
}
