using System.Buffers;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program that iterates over kernel objects of one kind (<c>iter/task</c>, 5.8) each time it is run.</summary>
public sealed class BpfIteratorProgram : BpfProgram
{
    internal BpfIteratorProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Creates the link that all later runs share. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach() => Attach(target: null);

    /// <summary>Creates the link that all later runs share.</summary>
    /// <param name="target">What to iterate over, for iterators over the parts of one object; null for everything.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(IteratorTarget? target)
    {
        string kind = RequiredTarget("iter/task");
        string name = target is null ? kind : $"{kind} of {target.Name}";
        return AttachTo(name, program => IteratorLink.Open(Needs(name), program, target));
    }

    /// <summary>Iterates over all objects once, and discards the program's output.</summary>
    /// <returns>The number of bytes the program wrote.</returns>
    /// <inheritdoc cref="Run(Stream)"/>
    public long Run() => Run(write: null);

    /// <summary>Iterates over all objects once.</summary>
    /// <param name="output">Receives the program's output.</param>
    /// <returns>The number of bytes the program wrote.</returns>
    /// <inheritdoc cref="Run(Stream)"/>
    public long Run(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Run(output.Write);
    }

    /// <summary>Iterates over all objects once. If there is no link, creates one for this run.</summary>
    /// <param name="output">Receives the program's output.</param>
    /// <returns>The number of bytes the program wrote.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public long Run(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Run(output.Write);
    }

    /// <summary>Iterates once over the target of a link; for programs with several links.</summary>
    /// <param name="link">A link of this program.</param>
    /// <param name="output">Receives the program's output.</param>
    /// <returns>The number of bytes the program wrote.</returns>
    /// <exception cref="ArgumentException">The link belongs to another program.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The link is detached.</exception>
    public long Run(BpfProgramLink link, Stream output)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(output);
        return link.Program == this
            ? IteratorLink.Run(Needs(link.Target), link.Attached.LinkHandle!, output.Write)
            : throw new ArgumentException($"The link is program {link.Program.Name}'s, not {Name}'s.", nameof(link));
    }

    internal override BpfProgramLink AutoAttach() => Attach();

    private long Run(Action<ReadOnlySpan<byte>>? write)
    {
        if (FirstLink is { } link)
        {
            return IteratorLink.Run(Needs(link.Target), link.Attached.LinkHandle!, write);
        }

        // A link for this run only, which no other run can find.
        LinkRequest request = Needs(RequiredTarget("iter/task"));
        using HandleUse use = Loaded.Use();
        using DescriptorLink own = IteratorLink.Open(request, use.Descriptor, target: null);
        return IteratorLink.Run(request, own.LinkHandle!, write);
    }

    private LinkRequest Needs(string target) => Request(target, Capabilities.Bpf | Capabilities.PerfMon);
}

/// <summary>Creates BPF iterators (5.8) and reads from them.</summary>
internal static unsafe class IteratorLink
{
    private const int ReadSize = 8192;

    internal static DescriptorLink Open(in LinkRequest request, int program, IteratorTarget? target)
        => target is null ? Open(request, program, []) : target.With(request, (own, info) => Open(own, program, info));

    private static DescriptorLink Open(in LinkRequest request, int program, byte[] info)
    {
        fixed (byte* start = info)
        {
            LinkCreateAttr attributes = default;
            attributes.ProgFd = (uint)program;
            attributes.AttachType = (uint)BpfAttachType.TraceIter;
            attributes.IterInfo = (ulong)start;
            attributes.IterInfoLen = (uint)info.Length;
            return KernelLink.Create(request, ref attributes);
        }
    }

    /// <summary>Runs the iterator from start to end and passes on the program's output.</summary>
    internal static long Run(in LinkRequest request, BpfHandle link, Action<ReadOnlySpan<byte>>? write)
    {
        using HandleUse use = link.Use();
        IteratorCreateAttr attributes = default;
        attributes.LinkFd = (uint)use.Descriptor;
        long created = request.Kernel.Bpf(BpfCommand.IteratorCreate, &attributes, (uint)sizeof(IteratorCreateAttr));
        if (created < 0)
        {
            throw request.Error(BpfCommand.IteratorCreate, created);
        }

        try
        {
            return ReadToEnd(request, (int)created, write);
        }
        finally
        {
            request.Kernel.Close((int)created);
        }
    }

    // On the stack and without a handle object: monitors run iterators at each reading, and a reading must not allocate.
    private static long ReadToEnd(in LinkRequest request, int iterator, Action<ReadOnlySpan<byte>>? write)
    {
        Span<byte> buffer = stackalloc byte[ReadSize];
        long total = 0;
        while (true)
        {
            long read = request.Kernel.Read(iterator, buffer);
            switch (read)
            {
                case > 0:
                    total += read;
                    write?.Invoke(buffer[..(int)read]);
                    break;
                case 0:
                    return total;

                // The kernel yields to other tasks; the output so far is kept.
                case -Errno.EAGAIN or -Errno.EINTR:
                    break;
                default:
                    throw request.Error("read", read);
            }
        }
    }
}
