using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Executables;

namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>Reads the static probes of a program or library.</summary>
internal static class UsdtNotes
{
    private const string NoteSection = ".note.stapsdt";
    private const string BaseSection = ".stapsdt.base";
    private const uint ProbeNote = 3;
    private const int HeaderSize = 12;
    private const int AddressesSize = 24;

    /// <summary>Reads all probes, with one entry for each location.</summary>
    internal static IReadOnlyList<UsdtNote> Read(BinaryFile file)
    {
        if (file.Find(NoteSection) is not { Type: ElfSectionHeader.Note } section)
        {
            return [];
        }

        FormatReader notes = file.Contents(section);
        var all = new List<UsdtNote>();
        long at = 0;
        while (at + HeaderSize <= notes.Length)
        {
            uint nameSize = notes.U32(at);
            uint size = notes.U32(at + 4);
            uint type = notes.U32(at + 8);
            long name = at + HeaderSize;
            long description = name + Aligned(nameSize);
            if (type == ProbeNote && FormatReader.Utf8(notes.StringBytes(name)) == "stapsdt")
            {
                all.Add(Parse(notes.Part(description, size)));
            }

            at = description + Aligned(size);
        }

        return all;
    }

    /// <summary>Finds the locations of one probe.</summary>
    /// <exception cref="BpfObjectFormatException">A location of the probe is not in a loaded segment of the file.</exception>
    internal static IReadOnlyList<UsdtTarget> Find(BinaryFile file, string provider, string name)
    {
        ulong? actualBase = file.Find(BaseSection)?.Address;
        return [.. Read(file).Where(note => note.Provider == provider && note.Name == name).Select(note => Locate(file, note, actualBase))];
    }

    private static UsdtTarget Locate(BinaryFile file, UsdtNote note, ulong? actualBase)
    {
        // A file that was relinked at another address (prelink) keeps its notes. The address of the base section shows how far it was moved.
        ulong moved = actualBase is { } now && note.Base != 0 ? now - note.Base : 0;
        ulong address = note.Address + moved;
        ulong semaphore = note.Semaphore == 0 ? 0 : note.Semaphore + moved;
        return new UsdtTarget(
            address, Offset(file, note, address, executable: true), semaphore == 0 ? 0 : Offset(file, note, semaphore, executable: false), note.Arguments);
    }

    private static ulong Offset(BinaryFile file, UsdtNote note, ulong address, bool executable)
    {
        if (file.SegmentAt(address) is not { } segment || segment.IsExecutable != executable)
        {
            BpfObjectFormatException.Throw(
                file.Path, NoteSection, null, $"the {(executable ? "address" : "semaphore")} of {note.Provider}:{note.Name}, 0x{address:x}, is not in a loaded {(executable ? "code" : "data")} segment");
            return 0;
        }

        return address - segment.Address + segment.FileOffset;
    }

    private static UsdtNote Parse(FormatReader description)
    {
        string[] texts = new string[3];
        long at = AddressesSize;
        for (int i = 0; i < texts.Length; i++)
        {
            ReadOnlySpan<byte> text = description.StringBytes(at);
            texts[i] = FormatReader.Utf8(text);
            at += text.Length + 1;
        }

        // Some tools write ":" when there are no arguments.
        string arguments = texts[2].StartsWith(":", StringComparison.Ordinal) ? "" : texts[2];
        return new UsdtNote(texts[0], texts[1], arguments, description.U64(0), description.U64(8), description.U64(16));
    }

    private static long Aligned(uint size) => ((long)size + 3) & ~3L;
}

/// <summary>One location of a static probe, as in the notes of the binary (<c>.note.stapsdt</c>).</summary>
/// <param name="Provider">The probe's provider.</param>
/// <param name="Name">The probe's name.</param>
/// <param name="Arguments">The locations of its arguments, such as <c>-4@%eax 8@-16(%rbp)</c>.</param>
/// <param name="Address">The address of its instruction, as linked.</param>
/// <param name="Base">The address of <c>.stapsdt.base</c>, as linked; 0 when there is none.</param>
/// <param name="Semaphore">The address of the counter of attached tracers, as linked; 0 when there is none.</param>
internal readonly record struct UsdtNote(string Provider, string Name, string Arguments, ulong Address, ulong Base, ulong Semaphore);
