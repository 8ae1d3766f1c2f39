using System.Buffers.Binary;

namespace Hypermesh.Bpf;

/// <summary>The smallest BTF there is: a header, one type (a 4-byte int), its name.</summary>
internal static class ProbeTypes
{
    private const int HeaderSize = 24;
    private const int IntegerSize = 16;

    internal static byte[] OneInteger()
    {
        ReadOnlySpan<byte> strings = "\0int\0"u8;
        byte[] btf = new byte[HeaderSize + IntegerSize + strings.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(btf, 0xeb9f);
        btf[2] = 1;
        Write(4, HeaderSize);
        Write(12, IntegerSize);
        Write(16, IntegerSize);
        Write(20, (uint)strings.Length);
        Write(HeaderSize, 1);
        Write(HeaderSize + 4, 1u << 24);
        Write(HeaderSize + 8, sizeof(int));
        Write(HeaderSize + 12, (1u << 24) | 32);
        strings.CopyTo(btf.AsSpan(HeaderSize + IntegerSize));
        return btf;

        void Write(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(btf.AsSpan(offset), value);
    }
}
