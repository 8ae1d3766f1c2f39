using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Hypermesh.Bpf;

/// <summary>A request in the making: header, the family's own structure, then attributes, nested as wished. All numbers are in the machine's order.</summary>
internal sealed class NetlinkMessage
{
    internal const int HeaderSize = 16;

    private const int Alignment = 4;
    private const int AttributeHeader = 4;
    private const ushort NestedFlag = 0x8000;

    private readonly List<byte> _bytes = [];

    /// <summary>Begins a message.</summary>
    /// <param name="type">What is asked for.</param>
    /// <param name="flags">How; a request with an acknowledgement always is one.</param>
    /// <param name="body">The family's structure.</param>
    internal NetlinkMessage(NetlinkType type, NetlinkFlags flags, ReadOnlySpan<byte> body)
    {
        Type = type;
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], (ushort)type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)(flags | NetlinkFlags.Request | NetlinkFlags.Acknowledge));
        _bytes.AddRange(header);
        Append(body);
    }

    internal NetlinkType Type { get; }

    internal NetlinkMessage Add(ushort attribute, ReadOnlySpan<byte> value)
    {
        Span<byte> header = stackalloc byte[AttributeHeader];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(AttributeHeader + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], attribute);
        _bytes.AddRange(header);
        Append(value);
        return this;
    }

    internal NetlinkMessage Add(ushort attribute, int value) => Add(attribute, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    internal NetlinkMessage Add(ushort attribute, ushort value) => Add(attribute, MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in value)));

    internal NetlinkMessage Add(ushort attribute, string text) => Add(attribute, Encoding.UTF8.GetBytes(text + '\0'));

    /// <summary>A structure before an attribute's own attributes.</summary>
    internal NetlinkMessage Write(ReadOnlySpan<byte> structure)
    {
        Append(structure);
        return this;
    }

    /// <summary>An attribute that holds attributes.</summary>
    internal NetlinkMessage Nest(ushort attribute, Action<NetlinkMessage> content)
    {
        int start = _bytes.Count;
        Add((ushort)(attribute | NestedFlag), default(ReadOnlySpan<byte>));
        content(this);
        Span<byte> all = CollectionsMarshal.AsSpan(_bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(all[start..], (ushort)(all.Length - start));
        return this;
    }

    /// <summary>The bytes to send.</summary>
    internal byte[] Finish(uint sequence)
    {
        byte[] message = [.. _bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), sequence);
        return message;
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        _bytes.AddRange(value);
        while (_bytes.Count % Alignment != 0)
        {
            _bytes.Add(0);
        }
    }
}
