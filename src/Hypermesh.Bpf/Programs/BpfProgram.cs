using System.Runtime.InteropServices;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf;

/// <summary>
/// A program of a live object. The sealed types derived from it offer the ways of attaching that their program type supports. The object owns the program and every link
/// created through it; all end with the object.
/// </summary>
public abstract partial class BpfProgram
{
    private readonly Lock _gate = new();
    private readonly List<BpfProgramLink> _links = [];

    // What versions of the program ran that were not behind the same dispatcher.
    private BpfRunStatistics _before;
    private bool _unloaded;

    private protected BpfProgram(BpfProgramDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Descriptor = descriptor;
    }

    /// <summary>The name of the C function; the kernel keeps its first 15 bytes.</summary>
    public string Name => Descriptor.Name;

    /// <summary>The section it was declared in (<c>SEC("…")</c>), without a leading <c>?</c>; empty for a program without an object.</summary>
    public string SectionName => Descriptor.SectionName;

    /// <summary>The type of program.</summary>
    public BpfProgramType Type => Descriptor.Type;

    /// <summary>The target that the section names after its slash (a tracepoint, a function); null if it names none.</summary>
    public string? TargetName => Descriptor.Target;

    /// <summary>False if the spec leaves the program out, if it was optional and the kernel rejected it, and after its object is disposed.</summary>
    public bool IsLoaded => Descriptor.Handle is { IsClosed: false };

    /// <summary>The kernel's ID of the program, as <c>bpftool prog</c> shows it.</summary>
    /// <exception cref="BpfException">It is not loaded.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public uint Id => ObjectInfo.Program(Loaded).Id;

    /// <summary>The descriptor, for calls that this SDK does not provide. It stays owned by the live object.</summary>
    /// <exception cref="BpfException">It is not loaded.</exception>
    public SafeHandle Handle => Loaded;

    /// <summary>What the verifier wrote when it accepted the program; empty unless <see cref="BpfLoadOptions.VerifierLog"/> requests it.</summary>
    public string VerifierLog => Descriptor.VerifierLog;

    /// <summary>The links that are attached now.</summary>
    public IReadOnlyList<BpfProgramLink> Links
    {
        get
        {
            lock (_gate)
            {
                return [.. _links];
            }
        }
    }

    /// <summary>The oldest attached link; null if there is none. Allocates nothing.</summary>
    internal BpfProgramLink? FirstLink
    {
        get
        {
            lock (_gate)
            {
                return _links.Count == 0 ? null : _links[0];
            }
        }
    }

    internal BpfProgramDescriptor Descriptor { get; private set; }

    /// <summary>Held while something is attached, and while a reload exchanges the program. It is taken before a link's lock.</summary>
    internal object Attaching { get; } = new();

    /// <summary>Keeps its links for another process; null for none.</summary>
    internal ILinkKeeper? Keeper { get; set; }

    internal IKernel Kernel => Descriptor.Kernel;

    /// <summary>What is attached: the dispatcher, if it has one.</summary>
    internal BpfHandle Attachable => Descriptor.Dispatcher?.Program ?? Loaded;

    internal BpfHandle Loaded => Descriptor.Handle
        ?? throw new BpfException($"Program {Name} is not loaded: {Descriptor.NotLoadedBecause}.", Descriptor.ObjectName, Name);

    /// <summary>Reads the kernel's information about the program. Run time and count change only while <see cref="BpfStatistics"/> are enabled.</summary>
    /// <exception cref="BpfException">It is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramInfo GetInfo()
    {
        RawProgramInfo info = ObjectInfo.Program(Loaded);
        BpfRunStatistics runs = GetRunStatistics();
        (info.RunTimeNs, info.RunCnt, info.RecursionMisses) = (runs.RunTimeNs, runs.RunCount, runs.RecursionMisses);
        return new BpfProgramInfo(info);
    }

    /// <summary>Reads how often the program ran and was skipped so far (5.1): the same numbers as <see cref="GetInfo"/>, without allocating.</summary>
    /// <exception cref="BpfException">It is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfRunStatistics GetRunStatistics()
    {
        // The kernel counts at the program that is attached.
        RawProgramInfo info = ObjectInfo.Program(Attachable);
        return new BpfRunStatistics(_before.RunTimeNs + info.RunTimeNs, _before.RunCount + info.RunCnt, _before.RecursionMisses + info.RecursionMisses);
    }

    /// <summary>How many events no version of a reloadable program (<see cref="BpfLoadOptions.Reloadable"/>) saw, because its dispatcher had none to call: 0, unless someone else empties its array.</summary>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public ulong ReadUndispatched() => Descriptor.Dispatcher?.ReadMisses() ?? 0;

    /// <summary>Pins the program in the BPF file system (4.4): it stays loaded after this process ends, until the pin is removed. A missing directory is created.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>; its last part has no dot.</param>
    /// <exception cref="BpfException">It is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: the path is taken; the message says by what.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Pin(string path) => ObjectPins.Pin(Loaded, path, $"Pinning program {Name}", Descriptor.ObjectName, Name);

    /// <summary>Removes a pin. The program stays loaded as long as others hold it.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="BpfSyscallException">The pin does not exist (ENOENT), or cannot be removed.</exception>
    public void Unpin(string path) => ObjectPins.Remove(Kernel, path, $"Unpinning program {Name}", Descriptor.ObjectName, Name);

    /// <inheritdoc/>
    public override string ToString() => SectionName.Length == 0 ? Name : $"{Name} ({SectionName})";

    /// <summary>Attaches to the target that the section names; null for programs whose section names none.</summary>
    internal virtual BpfProgramLink? AutoAttach() => null;

    /// <summary>Detaches the program and unloads it.</summary>
    internal void Unload()
    {
        lock (_gate)
        {
            _unloaded = true;
        }

        // Attaching fails from here on, so that no link can leak.
        var teardown = default(Teardown);
        foreach (BpfProgramLink link in Links)
        {
            teardown.Do((Link: link, Owner: this), static one => one.Link.End(one.Owner));
        }

        teardown.End(Descriptor.Dispatcher);
        teardown.End(Descriptor.Handle);
        teardown.Report();
    }

    /// <summary>Makes it a new version of itself. Its links stay, and its counters go on; what the caller has to dispose of the old version is returned.</summary>
    internal BpfProgramDescriptor Become(BpfProgramDescriptor next)
    {
        BpfRunStatistics before = IsLoaded && (next.Dispatcher is null || next.Dispatcher != Descriptor.Dispatcher) ? GetRunStatistics() : _before;
        lock (_gate)
        {
            BpfProgramDescriptor old = Descriptor;
            _before = before;
            Descriptor = next;
            return old;
        }
    }

    internal void Remove(BpfProgramLink link)
    {
        lock (_gate)
        {
            _links.Remove(link);
        }
    }

    /// <summary>Takes over a link from another program; false if this program is unloaded, or being unloaded, and the link must be detached.</summary>
    internal bool TryAdopt(BpfProgramLink link)
    {
        lock (_gate)
        {
            if (!_unloaded)
            {
                _links.Add(link);
            }

            return !_unloaded;
        }
    }

    /// <summary>Creates a link and keeps it. Every way of attaching calls this.</summary>
    /// <param name="target">A readable description of the target; attaching to the same target twice fails.</param>
    /// <param name="attach">Creates the link from the program's descriptor.</param>
    private protected BpfProgramLink AttachTo(string target, Func<int, LinkResource> attach)
    {
        lock (Attaching)
        {
            return Attach(target, attach);
        }
    }

    private BpfProgramLink Attach(string target, Func<int, LinkResource> attach)
    {
        // Outside the program's lock, because a link takes its own lock first.
        foreach (BpfProgramLink over in Links)
        {
            if (over.HasEnded)
            {
                over.End(this);
            }
        }

        BpfProgramLink link;
        lock (_gate)
        {
            if (_unloaded)
            {
                throw new ObjectDisposedException(Descriptor.ObjectName is null ? $"program {Name}" : $"program {Name} of {Descriptor.ObjectName}");
            }

            if (_links.Find(link => link.Target == target) is { } there)
            {
                return there.Claim() ? there : throw new BpfException($"Program {Name} is already attached to {target}: detach that link first.", Descriptor.ObjectName, Name);
            }

            using HandleUse use = Attachable.Use();
            try
            {
                link = new BpfProgramLink(this, target, attach(use.Descriptor), attach);
            }
            catch (BpfException reason)
            {
                Descriptor.Logger.AttachFailed(Name, target, reason);
                throw;
            }

            _links.Add(link);
        }

        try
        {
            Keeper?.Attached(link);
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, link);
            throw;
        }

        BpfMetrics.Attached(Type);
        Descriptor.Logger.Attached(Name, target);
        return link;
    }

    private protected LinkRequest Request(string target, Capabilities needs) => new(Kernel, Name, Descriptor.ObjectName, target, needs, Descriptor.Logger);

    private protected string RequiredTarget(string example)
        => Descriptor.Target is { Length: > 0 } target
            ? target
            : throw new BpfException(
                $"Program {Name} has no target: its section is \"{SectionName}\". Name the target in the section, like SEC(\"{example}\").", Descriptor.ObjectName, Name);
}

/// <summary>A program of a type that this version cannot attach: it has the properties and the descriptor.</summary>
public sealed class BpfOtherProgram : BpfProgram
{
    internal BpfOtherProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }
}

/// <summary>A program that can be test-run with only a context: raw tracepoints, syscall programs, socket lookup.</summary>
public interface IBpfContextTest
{
    /// <summary>The program's name.</summary>
    string Name { get; }
}

/// <summary>A program that can be test-run on a packet without being attached: XDP, traffic classifiers, socket filters, cgroup packet programs, lightweight tunnels.</summary>
public interface IBpfPacketTest
{
    /// <summary>The program's name.</summary>
    string Name { get; }
}
