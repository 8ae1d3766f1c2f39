using System.Runtime.InteropServices;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf;

/// <summary>
/// A program of a live object. The sealed types derived from it offer the attach that is legal for their type. The object owns the program and every link
/// made through it; all end with the object.
/// </summary>
public abstract partial class BpfProgram
{
    private readonly Lock _gate = new();
    private readonly List<BpfProgramLink> _links = [];
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

    /// <summary>The kind of program.</summary>
    public BpfProgramType Type => Descriptor.Type;

    /// <summary>What the section names behind its slash (a tracepoint, a function), null where it names nothing.</summary>
    public string? TargetName => Descriptor.Target;

    /// <summary>False when it was switched off in the spec, when it was optional and the kernel refused it, and after its object is disposed.</summary>
    public bool IsLoaded => Descriptor.Handle is { IsClosed: false };

    /// <summary>The kernel's ID of the program, as <c>bpftool prog</c> shows it.</summary>
    /// <exception cref="BpfException">It is not loaded.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public uint Id => ObjectInfo.Program(Loaded).Id;

    /// <summary>The descriptor, for calls this SDK does not make. It stays owned by the live object.</summary>
    /// <exception cref="BpfException">It is not loaded.</exception>
    public SafeHandle Handle => Loaded;

    /// <summary>What the verifier wrote when it accepted the program; empty unless <see cref="BpfLoadOptions.VerifierLog"/> asked for it.</summary>
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

    /// <summary>The link made first of those that are attached now, null without any. Allocates nothing.</summary>
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

    internal BpfProgramDescriptor Descriptor { get; }

    internal IKernel Kernel => Descriptor.Kernel;

    internal BpfHandle Loaded => Descriptor.Handle
        ?? throw new BpfException($"Program {Name} is not loaded: {Descriptor.NotLoadedBecause}.", Descriptor.ObjectName, Name);

    /// <summary>What the kernel says about the program now. Run time and count move only while <see cref="BpfStatistics"/> are on.</summary>
    /// <exception cref="BpfException">It is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramInfo GetInfo() => new(ObjectInfo.Program(Loaded));

    /// <summary>How often the program ran and was skipped so far (5.1): the figures of <see cref="GetInfo"/>, without allocating.</summary>
    /// <exception cref="BpfException">It is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfRunStatistics GetRunStatistics()
    {
        RawProgramInfo info = ObjectInfo.Program(Loaded);
        return new BpfRunStatistics(info.RunTimeNs, info.RunCnt, info.RecursionMisses);
    }

    /// <summary>Pins the program in the BPF file system (4.4): it stays loaded after this process has ended, until the pin is removed. A missing directory is created.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>; its last part has no dot.</param>
    /// <exception cref="BpfException">It is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: the path is taken; the message says by what.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Pin(string path) => ObjectPins.Pin(Loaded, path, $"Pinning program {Name}", Descriptor.ObjectName, Name);

    /// <summary>Removes a pin. The program stays while anyone holds it.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="BpfSyscallException">It is not there (ENOENT), or may not be removed.</exception>
    public void Unpin(string path) => ObjectPins.Remove(Kernel, path, $"Unpinning program {Name}", Descriptor.ObjectName, Name);

    /// <inheritdoc/>
    public override string ToString() => SectionName.Length == 0 ? Name : $"{Name} ({SectionName})";

    /// <summary>Attaches where the section says, for programs whose section says it; null for the others.</summary>
    internal virtual BpfProgramLink? AutoAttach() => null;

    /// <summary>Detaches what is attached and gives the program back to the kernel.</summary>
    internal void Unload()
    {
        lock (_gate)
        {
            _unloaded = true;
        }

        // Whoever attaches from here on is refused, so that no link can leak.
        var teardown = default(Teardown);
        foreach (BpfProgramLink link in Links)
        {
            teardown.Do((Link: link, Owner: this), static one => one.Link.End(one.Owner));
        }

        teardown.End(Descriptor.Handle);
        teardown.Report();
    }

    internal void Remove(BpfProgramLink link)
    {
        lock (_gate)
        {
            _links.Remove(link);
        }
    }

    /// <summary>Takes over a link from another program; false when this program is unloaded, or being unloaded, and the link must end.</summary>
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

    /// <summary>Makes a link and keeps it. Everything that attaches calls this.</summary>
    /// <param name="target">The target as a person would write it; the same one twice is refused.</param>
    /// <param name="attach">Asks the kernel, given the program's descriptor.</param>
    private protected BpfProgramLink AttachTo(string target, Func<int, LinkResource> attach)
    {
        BpfHandle handle = Loaded;

        // Outside the program's lock: a link takes its own first.
        foreach (BpfProgramLink over in Links)
        {
            if (over.HasEnded)
            {
                over.End(this);
            }
        }

        lock (_gate)
        {
            if (_unloaded)
            {
                throw new ObjectDisposedException(Descriptor.ObjectName is null ? $"program {Name}" : $"program {Name} of {Descriptor.ObjectName}");
            }

            if (_links.Exists(link => link.Target == target))
            {
                throw new BpfException($"Program {Name} is attached to {target} already; detach that link first.", Descriptor.ObjectName, Name);
            }

            using HandleUse use = handle.Use();
            try
            {
                var link = new BpfProgramLink(this, target, attach(use.Descriptor));
                _links.Add(link);
                BpfMetrics.Attached(Type);
                Descriptor.Logger.Attached(Name, target);
                return link;
            }
            catch (BpfException reason)
            {
                Descriptor.Logger.AttachFailed(Name, target, reason);
                throw;
            }
        }
    }

    private protected LinkRequest Request(string target, Capabilities needs) => new(Kernel, Name, Descriptor.ObjectName, target, needs, Descriptor.Logger);

    private protected string RequiredTarget(string example)
        => Descriptor.Target is { Length: > 0 } target
            ? target
            : throw new BpfException(
                $"Program {Name} has no target: its section is \"{SectionName}\", and it should name one, like SEC(\"{example}\").", Descriptor.ObjectName, Name);
}

/// <summary>A program of a type whose attaching this version does not know: it is loaded, can be asked, and its descriptor handed on.</summary>
public sealed class BpfOtherProgram : BpfProgram
{
    internal BpfOtherProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }
}

/// <summary>A program that can be run on a context alone: raw tracepoints, syscall programs, socket lookup.</summary>
public interface IBpfContextTest
{
    /// <summary>The program's name.</summary>
    string Name { get; }
}

/// <summary>A program that can be tried on a packet without being attached: XDP, traffic classifiers, socket filters, cgroup packet programs, lightweight tunnels.</summary>
public interface IBpfPacketTest
{
    /// <summary>The program's name.</summary>
    string Name { get; }
}
