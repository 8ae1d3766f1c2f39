using System.Buffers.Binary;
using System.Text;

namespace Hypermesh.Bpf.Network.Netlink;

/// <summary>
/// An rtnetlink socket: one request and its whole answer at a time. It belongs to the network namespace of the thread that opened it, so code that
/// must undo something later keeps it open.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const int Family = 16;
    private const int Raw = 3;
    private const int RouteProtocol = 0;
    private const int NetlinkLevel = 270;
    private const int ExtendedAcknowledgement = 11;
    private const ushort MessageAttribute = 1;

    // No part of a dump is larger than this.
    private const int BufferSize = 64 * 1024;

    private readonly BpfHandle _socket;
    private uint _sequence;

    private NetlinkSocket(BpfHandle socket) => _socket = socket;

    /// <summary>Opens a socket, or returns null and the negative errno.</summary>
    internal static NetlinkSocket? TryOpen(IKernel kernel, out long result)
    {
        result = kernel.Socket(Family, Raw, RouteProtocol);
        if (result < 0)
        {
            return null;
        }

        // Before 4.12 errors have no message; the errno is enough.
        kernel.SetSocketOption((int)result, NetlinkLevel, ExtendedAcknowledgement, 1);
        return new NetlinkSocket(new BpfHandle(kernel, result));
    }

    /// <summary>Sends a request and reads its answer to the end.</summary>
    internal NetlinkResult Ask(NetlinkMessage request, NetlinkReply? reply = null)
    {
        using HandleUse use = _socket.Use();
        byte[] message = request.Finish(++_sequence);
        long sent;
        do
        {
            sent = _socket.Kernel.Send(use.Descriptor, message);
        }
        while (sent == -Errno.EINTR);

        return sent < 0 ? new NetlinkResult(sent, "") : ReadAnswer(use.Descriptor, reply);
    }

    public void Dispose() => _socket.Dispose();

    private NetlinkResult ReadAnswer(int socket, NetlinkReply? reply)
    {
        byte[] buffer = new byte[BufferSize];
        while (true)
        {
            long length = _socket.Kernel.Receive(socket, buffer);
            if (length == -Errno.EINTR)
            {
                continue;
            }

            if (length <= 0 || length > buffer.Length)
            {
                return new NetlinkResult(length < 0 ? length : -Errno.EMSGSIZE, "");
            }

            if (TryFinish(buffer.AsSpan(0, (int)length), reply) is { } result)
            {
                return result;
            }
        }
    }

    // Null: the answer continues in the next datagram.
    private NetlinkResult? TryFinish(ReadOnlySpan<byte> datagram, NetlinkReply? reply)
    {
        while (datagram.Length >= NetlinkMessage.HeaderSize)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(datagram);
            if (length < NetlinkMessage.HeaderSize || length > datagram.Length)
            {
                return new NetlinkResult(-Errno.EMSGSIZE, "");
            }

            var type = (NetlinkType)BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]);
            var flags = (NetlinkFlags)BinaryPrimitives.ReadUInt16LittleEndian(datagram[6..]);
            ReadOnlySpan<byte> body = datagram[NetlinkMessage.HeaderSize..length];

            // Ignores answers to an older request whose reading failed.
            if (BinaryPrimitives.ReadUInt32LittleEndian(datagram[8..]) == _sequence)
            {
                if (type is NetlinkType.Error or NetlinkType.Done)
                {
                    return End(type, flags, body);
                }

                reply?.Invoke(type, body);
            }

            datagram = datagram[Math.Min((length + 3) & ~3, datagram.Length)..];
        }

        return null;
    }

    private static NetlinkResult End(NetlinkType type, NetlinkFlags flags, ReadOnlySpan<byte> body)
    {
        long result = body.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(body) : 0;
        if (type == NetlinkType.Done || !flags.HasFlag(NetlinkFlags.HasAttributes) || body.Length < 4 + NetlinkMessage.HeaderSize)
        {
            return new NetlinkResult(Math.Min(result, 0), "");
        }

        // The header of the request follows, and all of it unless it is capped; then the attributes.
        int repeated = flags.HasFlag(NetlinkFlags.Capped) ? NetlinkMessage.HeaderSize : BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        int start = Math.Clamp(4 + ((repeated + 3) & ~3), 0, body.Length);
        ReadOnlySpan<byte> text = NetlinkAttributes.Find(body[start..], MessageAttribute);
        return new NetlinkResult(result, Encoding.UTF8.GetString(text.TrimEnd((byte)0)));
    }
}

/// <summary>Handles one message of an answer: its type and the bytes after its header.</summary>
internal delegate void NetlinkReply(NetlinkType type, ReadOnlySpan<byte> body);

/// <summary>The result of a request: 0 or the negative errno, and the kernel's message (4.12), which can be empty.</summary>
internal readonly record struct NetlinkResult(long Result, string Message)
{
    /// <summary>The kernel's message as a sentence of an error; empty if there is none.</summary>
    internal string Quote => Message.Length == 0 ? "" : $"The kernel reports: {Message.TrimEnd('.')}.";
}
