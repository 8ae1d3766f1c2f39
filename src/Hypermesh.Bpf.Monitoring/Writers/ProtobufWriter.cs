using System.Buffers.Binary;
using System.Text;

namespace Hypermesh.Bpf.Monitoring.Writers;

/// <summary>
/// Writes a protobuf message from its end to its beginning, so that the length of each inner message is known when it is written. The fields of a message are therefore written last first.
/// The buffer is kept from one message to the next.
/// </summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int LongestVarint = 10;

    private byte[] _buffer = new byte[4096];
    private int _start = 4096;

    /// <summary>What was written.</summary>
    internal ReadOnlyMemory<byte> Written => _buffer.AsMemory(_start);

    /// <summary>The number of bytes so far: given to <see cref="EndMessage"/>, it is where the inner message ends.</summary>
    internal int Length => _buffer.Length - _start;

    internal void Clear() => _start = _buffer.Length;

    /// <summary>Makes a field of what was written since a length.</summary>
    internal void EndMessage(int field, int length)
    {
        WriteVarint((ulong)(Length - length));
        WriteTag(field, Delimited);
    }

    internal void WriteString(int field, string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, Take(length));
        WriteVarint((ulong)length);
        WriteTag(field, Delimited);
    }

    internal void WriteNumber(int field, ulong value)
    {
        WriteVarint(value);
        WriteTag(field, Varint);
    }

    internal void WriteFixed64(int field, ulong value)
    {
        AddFixed64(value);
        WriteTag(field, Fixed64);
    }

    internal void WriteDouble(int field, double value) => WriteFixed64(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Adds an element of a packed field, which <see cref="EndMessage"/> ends.</summary>
    internal void AddFixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);

    /// <summary>Adds an element of a packed field, which <see cref="EndMessage"/> ends.</summary>
    internal void AddDouble(double value) => AddFixed64(BitConverter.DoubleToUInt64Bits(value));

    private void WriteTag(int field, int type) => WriteVarint(((ulong)field << 3) | (uint)type);

    private void WriteVarint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[LongestVarint];
        int length = 0;
        while (value >= 0x80)
        {
            bytes[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[length++] = (byte)value;
        bytes[..length].CopyTo(Take(length));
    }

    private Span<byte> Take(int length)
    {
        if (_start < length)
        {
            int written = Length;
            var larger = new byte[Math.Max(_buffer.Length * 2, written + length)];
            _buffer.AsSpan(_start).CopyTo(larger.AsSpan(larger.Length - written));
            (_buffer, _start) = (larger, larger.Length - written);
        }

        _start -= length;
        return _buffer.AsSpan(_start, length);
    }
}
