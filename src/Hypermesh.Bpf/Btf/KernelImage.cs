using System.Buffers;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Btf;

/// <summary>
/// A file of the kernel's BTF as memory. For a caller that disposes it after it has finished reading: a private, read-only mapping, or an unmanaged buffer where the kernel cannot map the
/// file. For callers that may dispose it while others read: an array, which the garbage collector keeps as long as a span of it exists, so that no read faults.
/// </summary>
internal sealed unsafe class KernelImage : MemoryManager<byte>
{
    private readonly MappingHandle? _mapping;
    private readonly byte[]? _array;
    private readonly int _length;
    private nint _buffer;
    private bool _closed;

    private KernelImage(MappingHandle? mapping, byte[]? array, nint buffer, int length)
    {
        _mapping = mapping;
        _array = array;
        _buffer = buffer;
        _length = length;
    }

    internal bool IsMapped => _mapping is not null;

    /// <summary>Opens the file as memory. Returns null and the negative errno if it cannot be opened or is empty.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="path">The file.</param>
    /// <param name="isShared">True for memory that can be disposed while others read it.</param>
    /// <param name="error">0 or the negative errno; -ENODATA for an empty file, such as <c>/dev/null</c>.</param>
    internal static KernelImage? TryOpen(IKernel kernel, string path, bool isShared, out long error)
    {
        long descriptor = kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        error = Math.Min(descriptor, 0);
        if (descriptor < 0)
        {
            return null;
        }

        using var handle = new BpfHandle(kernel, descriptor);
        long size = kernel.FileSize((int)descriptor);
        if (size == 0)
        {
            error = -Errno.ENODATA;
            return null;
        }

        if (size is < 0 or > int.MaxValue)
        {
            throw new BpfObjectFormatException(path, null, null, $"its size is {size}");
        }

        if (isShared)
        {
            // Pinned, so that Pin has nothing to undo.
            byte[] array = GC.AllocateUninitializedArray<byte>((int)size, pinned: true);
            Fill(kernel, (int)descriptor, path, array);
            return new KernelImage(null, array, 0, array.Length);
        }

        MappingHandle? mapping = MappingHandle.TryMap(
            kernel, (nuint)size, MemoryProtection.Read, MemoryMapping.Private, (int)descriptor, 0, out _);
        return mapping is not null
            ? new KernelImage(mapping, null, 0, (int)size)
            : new KernelImage(null, null, ReadWhole(kernel, (int)descriptor, path, (int)size), (int)size);
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), typeof(KernelBtf));
        return _array is not null ? _array : new Span<byte>((void*)Address, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), typeof(KernelBtf));
        return new((byte*)Address + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        Volatile.Write(ref _closed, true);
        _mapping?.Dispose();
        NativeMemory.Free((void*)Interlocked.Exchange(ref _buffer, 0));
    }

    private nint Address => _mapping is not null ? _mapping.DangerousGetHandle()
        : _array is not null ? (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array))
        : _buffer;

    private static nint ReadWhole(IKernel kernel, int descriptor, string path, int size)
    {
        nint buffer = (nint)NativeMemory.Alloc((nuint)size);
        try
        {
            Fill(kernel, descriptor, path, new Span<byte>((void*)buffer, size));
            return buffer;
        }
        catch
        {
            NativeMemory.Free((void*)buffer);
            throw;
        }
    }

    private static void Fill(IKernel kernel, int descriptor, string path, Span<byte> whole)
    {
        int done = 0;
        while (done < whole.Length)
        {
            long read = kernel.Read(descriptor, whole[done..]);
            if (read == -Errno.EINTR)
            {
                continue;
            }

            if (read <= 0)
            {
                throw read < 0
                    ? KernelErrors.Of(kernel, "read", read, $"Reading {path}")
                    : new BpfObjectFormatException(path, null, done, $"it ends after {done} of {whole.Length} bytes");
            }

            done += (int)read;
        }
    }
}
