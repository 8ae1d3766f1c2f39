using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>
/// Reads the types in a file: a blob as in /sys/kernel/btf, or the sections <c>.BTF</c> and <c>.BTF.base</c> of an ELF file of any kind. Other parts of an ELF file are not
/// read, because a kernel with its debug information has hundreds of megabytes.
/// </summary>
internal static class BtfFile
{
    private const long LargestBlob = 256 << 20;
    private const int LargestRead = 1 << 20;

    /// <summary>Returns true for a file that begins like BTF or ELF.</summary>
    public static bool IsPossible(ReadOnlySpan<byte> start) => ElfImage.IsElf(start) || BtfTypes.IsBtf(start);

    /// <summary>Reads a file on disk.</summary>
    /// <param name="file">The file, which must be able to seek.</param>
    /// <param name="source">A name for messages.</param>
    /// <param name="kernel">The types that a module with <c>.BTF.base</c> is relocated to; without them the types of the module refer to those it carries.</param>
    /// <exception cref="BpfObjectFormatException">The file has no types, they are damaged, or the kernel lacks a type that the module was built against.</exception>
    public static BtfTypes Read(Stream file, string source, BtfTypes? kernel = null)
    {
        byte[] start = new byte[(int)Math.Min(file.Length, ElfImage.HeaderSize)];
        ReadAt(file, source, 0, start);
        if (ElfImage.IsElf(start))
        {
            return Read(new ElfImage((offset, into) => ReadAt(file, source, offset, into), 0, file.Length, source), null, kernel);
        }

        if (file.Length > LargestBlob)
        {
            throw new BpfObjectFormatException(source, null, null, $"{file.Length} bytes are more than the limit of {LargestBlob} for types: is it the right file?");
        }

        byte[] blob = new byte[(int)file.Length];
        ReadAt(file, source, 0, blob);
        return Read(blob, source, null);
    }

    /// <summary>Reads a file in memory.</summary>
    /// <param name="file">The bytes; they are kept and must not change.</param>
    /// <param name="source">A name for messages.</param>
    /// <param name="base">The kernel's types, when the file is a module's.</param>
    /// <exception cref="BpfObjectFormatException">The file has no types, they are damaged, or the kernel lacks a type that the module was built against.</exception>
    public static BtfTypes Read(ReadOnlyMemory<byte> file, string source, BtfTypes? @base)
        => ElfImage.IsElf(file.Span) ? Read(new ElfImage(file, source), @base, @base)
            : BtfTypes.IsBtf(file.Span) ? BtfTypes.Read(file, source, @base)
            : throw new BpfObjectFormatException(source, null, null, FileKind.Instead(file.Span, "neither BTF as in /sys/kernel/btf nor an ELF file with a section .BTF"));

    // A file without .BTF.base is read on the given base. A file with one is relocated from it to the kernel's types.
    private static BtfTypes Read(ElfImage image, BtfTypes? @base, BtfTypes? kernel)
    {
        ElfSectionTable table = ElfSectionTable.Read(image);
        if (ContentsOf(table, ".BTF") is not { } own)
        {
            throw new BpfObjectFormatException(image.FileName, ".BTF", null, "the file has no BTF: build it with BTF, and do not strip it");
        }

        if (ContentsOf(table, ".BTF.base") is not { } carried)
        {
            return BtfTypes.Read(own.Data, image.FileName, @base);
        }

        BtfTypes distilled = BtfTypes.Read(carried.Data, image.FileName);
        BtfTypes split = BtfTypes.Read(own.Data, image.FileName, distilled);
        return kernel is null ? split : BtfDistilledBase.Relocate(split, distilled, kernel, image.FileName);
    }

    // A file with only debug information has section headers without contents.
    private static FormatReader? ContentsOf(ElfSectionTable table, string name)
        => table.Find(name) is { HasContents: true, Size: > 0 } section ? table.Contents(section) : null;

    private static void ReadAt(Stream file, string source, long offset, Span<byte> into)
    {
        file.Position = offset;
        byte[] buffer = new byte[Math.Min(into.Length, LargestRead)];
        int done = 0;
        while (done < into.Length)
        {
            int read = file.Read(buffer, 0, Math.Min(buffer.Length, into.Length - done));
            if (read <= 0)
            {
                throw new BpfObjectFormatException(source, null, offset + done, "the file ends here, before its reported size");
            }

            buffer.AsSpan(0, read).CopyTo(into.Slice(done));
            done += read;
        }
    }
}
