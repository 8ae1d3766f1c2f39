using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Hypermesh.Bpf.Network.Netlink;

/// <summary>Builds a request: header, the family's structure, then attributes, which can be nested. All numbers are in the machine's byte order.</summary>
internal sealed class NetlinkMessage
{
    internal const int HeaderSize = 16;

    private const int Alignment = 4;
    private const int AttributeHeader = 4;
    private const ushort NestedFlag = 0x8000;

    private readonly List<byte> _bytes = [];

    /// <summary>Starts a message.</summary>
    /// <param name="type">The message type.</param>
    /// <param name="flags">The flags, in addition to those of a request with an acknowledgement.</param>
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

    /// <summary>Writes a structure before an attribute's nested attributes.</summary>
    internal NetlinkMessage Write(ReadOnlySpan<byte> structure)
    {
        Append(structure);
        return this;
    }

    /// <summary>Adds an attribute with nested attributes.</summary>
    internal NetlinkMessage Nest(ushort attribute, Action<NetlinkMessage> content)
    {
        int start = _bytes.Count;
        Add((ushort)(attribute | NestedFlag), default(ReadOnlySpan<byte>));
        content(this);
        Span<byte> all = CollectionsMarshal.AsSpan(_bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(all[start..], (ushort)(all.Length - start));
        return this;
    }

    /// <summary>Returns the bytes to send.</summary>
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

/// <summary>Enumerates the attributes of a message or of one of its attributes. A damaged attribute ends the enumeration.</summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private const int Header = 4;
    private const ushort TypeMask = 0x3fff;

    private ReadOnlySpan<byte> _rest = bytes;

    internal ushort Type { get; private set; }

    internal ReadOnlySpan<byte> Value { get; private set; }

    internal readonly int Int32 => Value.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(Value) : 0;

    internal readonly string Text => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    internal bool MoveNext()
    {
        if (_rest.Length < Header)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        if (length < Header || length > _rest.Length)
        {
            return false;
        }

        Type = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(_rest[2..]) & TypeMask);
        Value = _rest[Header..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }

    /// <summary>Returns the value of the first attribute of a type; empty if there is none.</summary>
    internal static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> bytes, ushort type)
    {
        var attributes = new NetlinkAttributes(bytes);
        while (attributes.MoveNext())
        {
            if (attributes.Type == type)
            {
                return attributes.Value;
            }
        }

        return default;
    }
}

/// <summary>Flags of a message (<c>NLM_F_…</c>).</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    None = 0,
    Request = 0x1,
    Acknowledge = 0x4,

    /// <summary>The kernel returns the created object.</summary>
    Echo = 0x8,

    Replace = 0x100,
    Exclusive = 0x200,
    Create = 0x400,

    /// <summary>Requests all objects.</summary>
    Dump = 0x300,

    /// <summary>In an answer: the request is not repeated in it.</summary>
    Capped = 0x100,

    /// <summary>In an answer: it has attributes.</summary>
    HasAttributes = 0x200,
}

/// <summary>Message types (<c>NLMSG_…</c>, <c>RTM_…</c>).</summary>
internal enum NetlinkType : ushort
{
    Error = 2,
    Done = 3,
    NewLink = 16,
    DeleteLink = 17,
    GetLink = 18,
    SetLink = 19,
    NewRoute = 24,
    DeleteRoute = 25,
    NewDiscipline = 36,
    DeleteDiscipline = 37,
    NewFilter = 44,
    DeleteFilter = 45,
    GetFilter = 46,
}
