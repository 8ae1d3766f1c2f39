using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Features;

/// <summary>Builds the small BTF blobs of the probes.</summary>
internal sealed class ProbeTypes
{
    private const int HeaderSize = 24;
    private const uint SignedWord = (1u << 24) | 32;

    // All names that probes use, so that their offsets are known before the types are written.
    private static ReadOnlySpan<byte> Strings => "\0int\0x\0a\0v\0e\0tag\0float\0.data\0?.data\0b\0arg:ctx\0"u8;

    private readonly List<uint> _words = [];

    internal static byte[] OneInteger() => WithInteger().Build();

    /// <summary>Type 1 is <c>int</c>.</summary>
    internal static ProbeTypes WithInteger() => new ProbeTypes().Add(BtfKind.Int, "int", 0, sizeof(int), SignedWord);

    /// <summary>The offset of a name in the string section.</summary>
    internal static uint Name(string name)
        => name.Length == 0 ? 0 : (uint)Strings.IndexOf(System.Text.Encoding.ASCII.GetBytes($"\0{name}\0")) + 1;

    internal ProbeTypes Add(BtfKind kind, string name, uint lengthAndFlag, uint sizeOrType, params ReadOnlySpan<uint> rest)
    {
        _words.Add(Name(name));
        _words.Add(((uint)kind << 24) | lengthAndFlag);
        _words.Add(sizeOrType);
        _words.AddRange(rest);
        return this;
    }

    internal byte[] Build()
    {
        int types = _words.Count * sizeof(uint);
        byte[] btf = new byte[HeaderSize + types + Strings.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(btf, 0xeb9f);
        btf[2] = 1;
        uint[] header = [HeaderSize, 0, (uint)types, (uint)types, (uint)Strings.Length];
        for (int i = 0; i < header.Length; i++)
        {
            Write(sizeof(uint) * (i + 1), header[i]);
        }

        for (int i = 0; i < _words.Count; i++)
        {
            Write(HeaderSize + (sizeof(uint) * i), _words[i]);
        }

        Strings.CopyTo(btf.AsSpan(HeaderSize + types));
        return btf;

        void Write(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(btf.AsSpan(offset), value);
    }
}
