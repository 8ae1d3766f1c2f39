namespace Hypermesh.Bpf.Objects.Elf;

/// <summary>One section of an ELF64 file of any kind and size, such as a kernel with all its debug information, of which nothing else is read.</summary>
internal static class ElfSectionFinder
{
    private const int SectionHeaderSize = 64;
    private const uint NoBits = 8;

    public static bool IsElf(ReadOnlySpan<byte> image) => image.Length > 4 && image[0] == 0x7f && image[1] == (byte)'E' && image[2] == (byte)'L' && image[3] == (byte)'F';

    /// <summary>The first section of that name.</summary>
    /// <returns>Its contents, in place; null where the file has none.</returns>
    /// <exception cref="BpfObjectFormatException">The file is damaged, or of 32 bits.</exception>
    public static ReadOnlyMemory<byte>? Find(ReadOnlyMemory<byte> image, string fileName, string name)
    {
        const int Class64 = 2;
        const int LittleEndian = 1;
        var header = new FormatReader(image, isLittleEndian: true, fileName, null);
        if (header.U8(4) != Class64)
        {
            header.Fail(4, "this is no 64-bit ELF file");
        }

        var file = new FormatReader(image, header.U8(5) == LittleEndian, fileName, null);
        long table = Place(file, file.U64(40));
        int entrySize = file.U16(58);
        long count = file.U16(60);
        long names = file.U16(62);
        if (table == 0 || entrySize < SectionHeaderSize)
        {
            return null;
        }

        FormatReader strings = Contents(file, table + (names * entrySize));
        for (long i = 1; i < count; i++)
        {
            long entry = table + (i * entrySize);
            if (strings.String(file.U32(entry)) == name && file.U32(entry + 4) != NoBits)
            {
                return Contents(file, entry).Data;
            }
        }

        return null;
    }

    private static FormatReader Contents(FormatReader file, long entry) => file.Part(Place(file, file.U64(entry + 24)), Place(file, file.U64(entry + 32)));

    private static long Place(FormatReader file, ulong offset)
    {
        if (offset > (ulong)file.Length)
        {
            file.Fail(null, $"a place at byte {offset} is behind the end of the file");
        }

        return (long)offset;
    }
}
