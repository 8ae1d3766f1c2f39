using System.Diagnostics.CodeAnalysis;

namespace Hypermesh.Bpf;

/// <summary>A compiled object (its ELF, BTF or BTF.ext) says something that cannot be: a cut file, a count or offset that points outside, a type that is none.</summary>
public sealed class BpfObjectFormatException : BpfException
{
    /// <summary>Makes the exception for a place in a file.</summary>
    /// <param name="fileName">The file, or the name the bytes were opened with.</param>
    /// <param name="sectionName">The ELF section, null while the section table itself is read.</param>
    /// <param name="offset">The byte within the section (within the file without a section), null where no single byte is at fault.</param>
    /// <param name="problem">What is wrong there.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public BpfObjectFormatException(string fileName, string? sectionName, long? offset, string problem, Exception? innerException = null)
        : base(Describe(fileName, sectionName, offset, problem), fileName, sectionName, innerException)
    {
        FileName = fileName;
        SectionName = sectionName;
        Offset = offset;
    }

    /// <summary>The file, or the name the bytes were opened with.</summary>
    public string FileName { get; }

    /// <summary>The ELF section, null while the section table itself is read.</summary>
    public string? SectionName { get; }

    /// <summary>The byte within the section (within the file without a section), null where no single byte is at fault.</summary>
    public long? Offset { get; }

    /// <summary>What the object leaves to other objects to define; empty for every other fault. Such an object is whole, but cannot be loaded alone.</summary>
    internal IReadOnlyList<UndefinedExtern> Undefined { get; init; } = [];

    [DoesNotReturn]
    internal static void Throw(string fileName, string? sectionName, long? offset, string problem)
        => throw new BpfObjectFormatException(fileName, sectionName, offset, problem);

    private static string Describe(string fileName, string? sectionName, long? offset, string problem)
        => fileName
            + (sectionName is null ? "" : $", section {sectionName}")
            + (offset is null ? "" : $", offset 0x{offset:x}")
            + ": " + problem;
}
