using System.Buffers;

namespace Hypermesh.Bpf;

/// <summary>A resource's bytes in place. Holding the stream holds the assembly, and the assembly holds the bytes.</summary>
internal sealed unsafe class ResourceMemory(UnmanagedMemoryStream stream, nint address, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan()
    {
        GC.KeepAlive(stream);
        return new((void*)address, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)address + elementIndex, default, this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
        }
    }
}
