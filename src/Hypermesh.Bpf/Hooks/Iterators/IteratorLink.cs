namespace Hypermesh.Bpf;

/// <summary>A BPF iterator (5.8) and the reading of it.</summary>
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

    /// <summary>Runs the iterator from start to end and hands on what the program writes.</summary>
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

    // On the stack, and without a handle object: monitors run iterators at each reading, which allocates nothing.
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

                // The kernel stops to let others run; what was written so far is kept.
                case -Errno.EAGAIN or -Errno.EINTR:
                    break;
                default:
                    throw request.Error("read", read);
            }
        }
    }
}
