using Hypermesh.Bpf.Objects.Elf;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>Writes <c>.BTF</c>.</summary>
internal static class LinkedBtf
{
    private const int HeaderSize = 24;

    public static byte[] Write(List<uint[]> records, byte[] names, bool isLittleEndian)
    {
        uint typesSize = (uint)records.Sum(static record => record.Length * sizeof(uint));
        var blob = new ElfWriter(isLittleEndian);
        AppendHeader(blob, HeaderSize);
        foreach (uint word in new uint[] { 0, typesSize, typesSize, (uint)names.Length })
        {
            blob.AppendU32(word);
        }

        foreach (uint[] record in records)
        {
            foreach (uint word in record)
            {
                blob.AppendU32(word);
            }
        }

        blob.Append(names);
        return blob.ToArray();
    }

    /// <summary>Appends the start of <c>.BTF</c> and <c>.BTF.ext</c>: magic, version, flags, the header's size.</summary>
    public static void AppendHeader(ElfWriter blob, uint headerSize)
    {
        byte[] start = new byte[4];
        blob.PutU16(start, BtfTypes.Magic);
        start[2] = 1;
        blob.Append(start);
        blob.AppendU32(headerSize);
    }
}
