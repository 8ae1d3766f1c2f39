using System.Buffers;

namespace Hypermesh.Bpf;

/// <summary>A program that walks a kind of kernel object (<c>iter/task</c>, 5.8), each time it is run.</summary>
public sealed class BpfIteratorProgram : BpfProgram
{
    internal BpfIteratorProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Makes the link all later runs share. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach() => Attach(target: null);

    /// <summary>Makes the link all later runs share.</summary>
    /// <param name="target">What is walked, for iterators over the parts of one thing; null for all there is.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(IteratorTarget? target)
    {
        string kind = RequiredTarget("iter/task");
        string name = target is null ? kind : $"{kind} of {target.Name}";
        return AttachTo(name, program => IteratorLink.Open(Needs(name), program, target));
    }

    /// <summary>Walks all objects once, and drops what the program writes.</summary>
    /// <returns>How many bytes it wrote.</returns>
    /// <inheritdoc cref="Run(Stream)"/>
    public long Run() => Run(write: null);

    /// <summary>Walks all objects once.</summary>
    /// <param name="output">Gets what the program writes.</param>
    /// <returns>How many bytes it wrote.</returns>
    /// <inheritdoc cref="Run(Stream)"/>
    public long Run(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Run(output.Write);
    }

    /// <summary>Walks all objects once. Without a link it makes one for this run.</summary>
    /// <param name="output">Gets what the program writes.</param>
    /// <returns>How many bytes it wrote.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public long Run(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Run(output.Write);
    }

    /// <summary>Walks what a link is for, once; for programs with several.</summary>
    /// <param name="link">A link of this program.</param>
    /// <param name="output">Gets what the program writes.</param>
    /// <returns>How many bytes it wrote.</returns>
    /// <exception cref="ArgumentException">The link is another program's.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The link is detached.</exception>
    public long Run(BpfLink link, Stream output)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(output);
        return link.Program == this
            ? IteratorLink.Run(Needs(link.Target), link.Attached.LinkHandle!, output.Write)
            : throw new ArgumentException($"The link is program {link.Program.Name}'s, not {Name}'s.", nameof(link));
    }

    internal override BpfLink AutoAttach() => Attach();

    private long Run(Action<ReadOnlySpan<byte>>? write)
    {
        if (FirstLink is { } link)
        {
            return IteratorLink.Run(Needs(link.Target), link.Attached.LinkHandle!, write);
        }

        // A link of this run's own, which no other run finds and no second one meets.
        LinkRequest request = Needs(RequiredTarget("iter/task"));
        using HandleUse use = Loaded.Use();
        using DescriptorLink own = IteratorLink.Open(request, use.Descriptor, target: null);
        return IteratorLink.Run(request, own.LinkHandle!, write);
    }

    private LinkRequest Needs(string target) => Request(target, Capabilities.Bpf | Capabilities.PerfMon);
}
