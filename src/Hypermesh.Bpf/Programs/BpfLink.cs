using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Links;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf;

/// <summary>
/// A link: it keeps a program attached, or a struct_ops map registered. The live object keeps it, so dropping it does not detach; disposing it detaches early. After
/// that, or after the object's end, only its description remains.
/// </summary>
public abstract class BpfLink : IDisposable
{
    private LinkResource? _resource;

    private protected BpfLink(string target, LinkResource resource)
    {
        Target = target;
        _resource = resource;
    }

    /// <summary>A readable description of the target.</summary>
    public string Target { get; }

    /// <summary>False once it is detached.</summary>
    public bool IsAttached => Volatile.Read(ref _resource) is not null;

    /// <summary>The kernel's ID of the link, as <c>bpftool link</c> shows it; null if the kernel has no link for it (sockets, perf events before 5.15, <c>SEC(".struct_ops")</c>).</summary>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public uint? Id => Attached.LinkHandle is { } handle ? ObjectInfo.Link(handle).Id : null;

    /// <summary>The kernel's link object.</summary>
    /// <exception cref="BpfException">The kernel has no link for it.</exception>
    internal BpfHandle KernelHandle => Attached.LinkHandle
        ?? throw new BpfException($"The attachment of {Subject} to {Target} has no kernel link, so it cannot be pinned, updated, detached by force or queried.", null, SubjectName);

    /// <summary>True if the target no longer exists, so that the attachment ended without being detached.</summary>
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

    /// <summary>Serializes Update, Pin, ForceDetach and the end of the link. A program's own lock is taken inside this one, never around it.</summary>
    private protected Lock Gate { get; } = new();

    private protected abstract IKernel Kernel { get; }

    /// <summary>The attached program or map, for messages: <c>program count</c>.</summary>
    private protected abstract string Subject { get; }

    private protected abstract string SubjectName { get; }

    private protected abstract string? ObjectName { get; }

    /// <summary>Reads the kernel's information about the link (5.8). Needs no capability.</summary>
    /// <exception cref="BpfException">It is attached without a link.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public BpfLinkInfo GetInfo() => LinkInfoReader.Read(KernelHandle);

    /// <summary>Pins the link in the BPF file system (5.7): it stays attached after this process ends, until the pin is removed. A missing directory is created.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>; its last part has no dot.</param>
    /// <exception cref="BpfException">It is attached without a link.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: the path is taken; the message says by what.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public void Pin(string path)
    {
        CheckPin();
        lock (Gate)
        {
            ObjectPins.Pin(KernelHandle, path, $"Pinning the link of {Subject} to {Target}", ObjectName, SubjectName);
        }
    }

    /// <summary>Removes a pin. The link stays attached as long as others hold it.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="BpfSyscallException">The pin does not exist (ENOENT), or cannot be removed.</exception>
    public void Unpin(string path) => ObjectPins.Remove(Kernel, path, $"Unpinning the link of {Subject} to {Target}", ObjectName, SubjectName);

    /// <summary>
    /// Detaches; if there is a kernel link, by force (5.9), even if another descriptor or a pin would keep it attached. Needs CAP_BPF and the capabilities that
    /// attaching needs.
    /// </summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EOPNOTSUPP: links of this type can only be detached by closing the last reference.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public void ForceDetach()
    {
        lock (Gate)
        {
            if (Attached.LinkHandle is { } handle)
            {
                LinkCalls.ForceDetach(handle, $"Detaching {Subject} from {Target}");
            }
        }

        Dispose();
    }

    /// <summary>Detaches, unless the link is pinned. A second call does nothing.</summary>
    public void Detach() => Dispose();

    /// <summary>Detaches, unless the link is pinned. A second call does nothing.</summary>
    public abstract void Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{SubjectName} on {Target}{(IsAttached ? "" : " (detached)")}";

    /// <summary>Throws where a pin would not do what it says.</summary>
    private protected virtual void CheckPin()
    {
    }

    private protected void Replace(LinkResource resource) => Volatile.Write(ref _resource, resource);

    /// <summary>Takes the resource that keeps it attached, for the caller to dispose; null if it is already detached. Call it under <see cref="Gate"/>.</summary>
    private protected LinkResource? TakeResource()
    {
        LinkResource? resource = _resource;
        Volatile.Write(ref _resource, null);
        return resource;
    }
}

/// <summary>The link of an attached program.</summary>
public sealed class BpfProgramLink : BpfLink
{
    private readonly Func<int, LinkResource> _attach;
    private bool _isUnclaimed;

    /// <param name="program">The program.</param>
    /// <param name="target">A readable description of the target.</param>
    /// <param name="resource">What keeps it attached.</param>
    /// <param name="attach">Attaches a program's descriptor to the same target.</param>
    internal BpfProgramLink(BpfProgram program, string target, LinkResource resource, Func<int, LinkResource> attach)
        : base(target, resource)
    {
        Program = program;
        _attach = attach;
    }

    /// <summary>The link that another process has left.</summary>
    internal static BpfProgramLink Adopted(BpfProgram program, string target, BpfHandle handle)
        => new(program, target, new DescriptorLink(handle), _ => throw new BpfException($"The link of program {program.Name} to {target} was made by another process, and cannot be made anew.", program.Descriptor.ObjectName, program.Name));

    /// <summary>Makes it one that is there before anybody has asked for it: attaching to its target returns it, once.</summary>
    internal void Leave() => Volatile.Write(ref _isUnclaimed, true);

    /// <summary>Whether it was there before anybody has asked for it, and nobody has since.</summary>
    internal bool Claim() => Interlocked.Exchange(ref _isUnclaimed, false);

    /// <summary>The program; <see cref="Update"/> changes it.</summary>
    public BpfProgram Program { get; private set; }

    private protected override IKernel Kernel => Program.Kernel;

    private protected override string Subject => $"program {Program.Name}";

    private protected override string SubjectName => Program.Name;

    private protected override string? ObjectName => Program.Descriptor.ObjectName;

    /// <summary>
    /// Replaces the program with another one atomically (5.7), for example with a new version of it. The link then belongs to the
    /// new program, and ends with that program's object. Supported for control groups, network namespaces, XDP, iterators, TCX, netkit and socket maps.
    /// </summary>
    /// <param name="program">The new program, of the same type.</param>
    /// <exception cref="BpfException">The new program is not loaded, or the old one is attached without a link.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EPERM: the link's program was replaced meanwhile; ENOLINK: its target no longer exists; EINVAL: the program has another type, or the link type does not support it.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public void Update(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        BpfProgram old;
        bool adopted;
        lock (Gate)
        {
            old = Program;
            LinkCalls.Update(KernelHandle, program.Loaded, old.Loaded, $"Replacing program {old.Name} with {program.Name} on {Target}", program, old);
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

    private protected override void CheckPin()
    {
        if (Program.Descriptor.Dispatcher is not null)
        {
            throw new BpfException(
                $"The link of program {Program.Name} to {Target} cannot be pinned: the kernel empties the dispatcher's array when this process ends. Load the object without BpfLoadOptions.Reloadable.", ObjectName, SubjectName);
        }
    }

    /// <summary>Makes a program, a new version of the one that it belongs to, the owner.</summary>
    internal void MoveTo(BpfProgram program)
    {
        lock (Gate)
        {
            Program.Remove(this);
            Program = program;
            program.TryAdopt(this);
        }
    }

    /// <summary>Gives the kernel's link another version of the program, if no one else has replaced it meanwhile.</summary>
    internal void Exchange(BpfHandle next, BpfHandle expected, string what)
    {
        lock (Gate)
        {
            LinkCalls.Update(KernelHandle, next, expected, what, Program);
        }
    }

    /// <summary>Attaches another version of the program to the same target, beside the one that is attached until the result is disposed.</summary>
    /// <returns>What keeps the old version attached.</returns>
    /// <exception cref="BpfException">The target takes only one.</exception>
    internal LinkResource Overlap(BpfHandle next)
    {
        lock (Gate)
        {
            LinkResource old = Attached;
            using HandleUse use = next.Use();
            Replace(_attach(use.Descriptor));
            return old;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => End(owner: null);

    /// <summary>Detaches, if the link still belongs to that program: Update may have moved it to another since the program listed its links.</summary>
    /// <param name="owner">The program; null for any.</param>
    internal void End(BpfProgram? owner)
    {
        var teardown = default(Teardown);
        BpfProgram program;
        lock (Gate)
        {
            program = Program;
            if (owner is not null && owner != program)
            {
                return;
            }

            uint? id = program.Keeper is null || !IsAttached ? null : Id;
            if (TakeResource() is not { } resource)
            {
                return;
            }

            if (id is { } known)
            {
                teardown.Do((program.Keeper, Link: this, Id: known), static one => one.Keeper!.Detached(one.Link, one.Id));
            }

            teardown.End(resource);
            program.Remove(this);
        }

        teardown.Do(program, static program => BpfMetrics.Detached(program.Type));
        teardown.Do(this, static link => link.Program.Descriptor.Logger.Detached(link.Program.Name, link.Target));
        teardown.Report();
    }
}
