using System.Buffers.Binary;
using System.Text;

namespace Hypermesh.Bpf.Objects;

/// <summary>Reads numbers and strings from one part of a file. An offset outside the part throws a <see cref="BpfObjectFormatException"/> that names the offset.</summary>
internal readonly struct FormatReader(ReadOnlyMemory<byte> data, bool isLittleEndian, string fileName, string? sectionName)
{
    public ReadOnlyMemory<byte> Data => data;

    public long Length => data.Length;

    public bool IsLittleEndian => isLittleEndian;

    public string FileName => fileName;

    public string? SectionName => sectionName;

    public byte U8(long offset) => Slice(offset, 1).Span[0];

    public ushort U16(long offset)
    {
        ReadOnlySpan<byte> at = Slice(offset, 2).Span;
        return isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    }

    public uint U32(long offset)
    {
        ReadOnlySpan<byte> at = Slice(offset, 4).Span;
        return isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
    }

    public ulong U64(long offset)
    {
        ReadOnlySpan<byte> at = Slice(offset, 8).Span;
        return isLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(at) : BinaryPrimitives.ReadUInt64BigEndian(at);
    }

    public ReadOnlyMemory<byte> Slice(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > data.Length || length > data.Length - offset)
        {
            Fail(offset, $"{length} bytes are required here, but the data has only {data.Length}");
        }

        return data.Slice((int)offset, (int)length);
    }

    /// <summary>Returns the bytes up to the next NUL, without the NUL.</summary>
    public ReadOnlySpan<byte> StringBytes(long offset)
    {
        if (offset < 0 || offset >= data.Length)
        {
            Fail(offset, $"a string is required here, but the data has only {data.Length} bytes");
        }

        ReadOnlySpan<byte> rest = data.Span.Slice((int)offset);
        int end = rest.IndexOf((byte)0);
        if (end < 0)
        {
            Fail(offset, "the string here has no terminating NUL");
        }

        return rest.Slice(0, end);
    }

    public string String(long offset) => Utf8(StringBytes(offset));

    public FormatReader Part(long offset, long length) => new(Slice(offset, length), isLittleEndian, fileName, sectionName);

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public void Fail(long? offset, string problem) => BpfObjectFormatException.Throw(fileName, sectionName, offset, problem);

    public static string Utf8(ReadOnlySpan<byte> bytes)
#if NETSTANDARD2_0
        => Encoding.UTF8.GetString(bytes.ToArray());
#else
        => Encoding.UTF8.GetString(bytes);
#endif
}
