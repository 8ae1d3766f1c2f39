using System.Buffers.Binary;
using System.Text;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>What a kernel answers to rtnetlink messages, byte by byte.</summary>
internal static class NetlinkAnswers
{
    private const int Header = 16;
    private const ushort Error = 2;
    private const ushort Capped = 0x100;
    private const ushort HasAttributes = 0x200;

    /// <summary>Done (0), or refused with the negative errno and the kernel's words.</summary>
    internal static byte[] Acknowledge(ReadOnlySpan<byte> request, int result, string? words = null)
    {
        byte[] attribute = words is null ? [] : Attribute(1, Encoding.ASCII.GetBytes(words + '\0'));
        byte[] body = [.. BitConverter.GetBytes(result), .. request[..Header], .. attribute];
        return Message(request, Error, body, (ushort)(Capped | (words is null ? 0 : HasAttributes)));
    }

    internal static byte[] Message(ReadOnlySpan<byte> request, ushort type, ReadOnlySpan<byte> body, ushort flags = 0)
    {
        byte[] message = new byte[Header + ((body.Length + 3) & ~3)];
        BinaryPrimitives.WriteInt32LittleEndian(message, Header + body.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), flags);
        request.Slice(8, 4).CopyTo(message.AsSpan(8));
        body.CopyTo(message.AsSpan(Header));
        return message;
    }

    internal static byte[] Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        byte[] bytes = new byte[(4 + value.Length + 3) & ~3];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), type);
        value.CopyTo(bytes.AsSpan(4));
        return bytes;
    }
}
