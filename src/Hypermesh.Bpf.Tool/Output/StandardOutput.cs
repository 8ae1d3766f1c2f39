using System.Runtime.InteropServices;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tool.Output;

/// <summary>
/// Standard output without what the runtime's console sets up at the first write, for the reading of keys: a thread, a pipe and handlers of signals, which take longer than many a command. Where
/// nobody reads any more, what is written is lost, as with the console.
/// </summary>
internal sealed class StandardOutput : Stream
{
    private const int Descriptor = 1;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            for (int written = 0; written < buffer.Length;)
            {
                nint count = LibC.Write(Descriptor, start + written, (nuint)(buffer.Length - written));
                if (count >= 0)
                {
                    written += (int)count;
                    continue;
                }

                int reason = Marshal.GetLastPInvokeError();
                switch (reason)
                {
                    case Errno.EINTR:
                        break;
                    case Errno.EPIPE:
                        return;
                    case Errno.EAGAIN:
                        Thread.Sleep(1);
                        break;
                    default:
                        throw new IOException(Marshal.GetPInvokeErrorMessage(reason));
                }
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
