using System.Buffers;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>A file of the kernel's BTF as memory: mapped privately and read-only, or, where the kernel does not map it, read once into an unmanaged buffer.</summary>
internal sealed unsafe class KernelImage : MemoryManager<byte>
{
    private readonly MappingHandle? _mapping;
    private readonly int _length;
    private nint _buffer;

    private KernelImage(MappingHandle? mapping, nint buffer, int length)
    {
        _mapping = mapping;
        _buffer = buffer;
        _length = length;
    }

    internal bool IsMapped => _mapping is not null;

    /// <summary>The file as memory, or null and the negative errno where it cannot be opened.</summary>
    internal static KernelImage? TryOpen(IKernel kernel, string path, out long error)
    {
        long descriptor = kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        error = Math.Min(descriptor, 0);
        if (descriptor < 0)
        {
            return null;
        }

        using var handle = new BpfHandle(kernel, descriptor);
        long size = kernel.FileSize((int)descriptor);
        if (size is <= 0 or > int.MaxValue)
        {
            throw new BpfObjectFormatException(path, null, null, $"its size is {size}");
        }

        MappingHandle? mapping = MappingHandle.TryMap(
            kernel, (nuint)size, MemoryProtection.Read, MemoryMapping.Private, (int)descriptor, 0, out _);
        return mapping is not null
            ? new KernelImage(mapping, 0, (int)size)
            : new KernelImage(null, ReadWhole(kernel, (int)descriptor, path, (int)size), (int)size);
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_mapping is { IsClosed: true } || (_mapping is null && _buffer == 0), this);
        return new Span<byte>((void*)Address, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)Address + elementIndex, default, this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        _mapping?.Dispose();
        NativeMemory.Free((void*)Interlocked.Exchange(ref _buffer, 0));
    }

    private nint Address => _mapping is null ? _buffer : _mapping.DangerousGetHandle();

    private static nint ReadWhole(IKernel kernel, int descriptor, string path, int size)
    {
        nint buffer = (nint)NativeMemory.Alloc((nuint)size);
        int done = 0;
        while (done < size)
        {
            long read = kernel.Read(descriptor, new Span<byte>((byte*)buffer + done, size - done));
            if (read == -Errno.EINTR)
            {
                continue;
            }

            if (read <= 0)
            {
                NativeMemory.Free((void*)buffer);
                throw read < 0
                    ? KernelErrors.Of(kernel, "read", read, $"Reading {path}")
                    : new BpfObjectFormatException(path, null, done, $"it ends after {done} of {size} bytes");
            }

            done += (int)read;
        }

        return buffer;
    }
}
