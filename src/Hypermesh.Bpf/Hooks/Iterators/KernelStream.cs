using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Hooks.Iterators;

/// <summary>A stream that reads a file of proc or tracefs which is too long to hold in memory, through <see cref="IKernel"/>.</summary>
internal sealed class KernelStream(BpfHandle file) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        using HandleUse use = file.Use();
        while (true)
        {
            long read = file.Kernel.Read(use.Descriptor, buffer);
            if (read != -Errno.EINTR)
            {
                return read >= 0 ? (int)read : throw KernelErrors.Of(file.Kernel, "read", read, "Reading the kernel's list of symbols");
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
