using System.Diagnostics.CodeAnalysis;
using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf;

/// <summary>The root of everything this SDK throws on its own account: it names the object and, where one is meant, the program or map.</summary>
public class BpfException : Exception
{
    private string? _concerned;

    /// <summary>Makes an exception without a subject.</summary>
    /// <param name="message">What went wrong and what to do.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public BpfException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception about an object, and a program or map in it.</summary>
    /// <param name="message">What went wrong and what to do.</param>
    /// <param name="objectName">The object's name, as it was opened with.</param>
    /// <param name="subjectName">The program's, map's or section's name.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public BpfException(string message, string? objectName, string? subjectName, Exception? innerException = null)
        : base(message, innerException)
    {
        ObjectName = objectName;
        SubjectName = subjectName;
    }

    /// <summary>The name of the object, null where none is concerned.</summary>
    public string? ObjectName { get; private set; }

    /// <summary>The name of the program, map or section, null where the object as a whole is concerned.</summary>
    public string? SubjectName { get; }

    /// <inheritdoc/>
    public override string Message => _concerned is null ? base.Message : $"Object {_concerned}: {base.Message}";

    /// <summary>Names the object where what failed for it knew of none: a file of the kernel's, a list of processors.</summary>
    internal void Concern(string objectName)
    {
        if (ObjectName is null)
        {
            ObjectName = objectName;
            _concerned = objectName;
        }
    }
}

/// <summary>A compiled object (its ELF, BTF or BTF.ext) says something that cannot be: a cut file, a count or offset that points outside, a type that is none.</summary>
public sealed class BpfObjectFormatException : BpfException
{
    /// <summary>Makes the exception for a place in a file.</summary>
    /// <param name="fileName">The file, or the name the bytes were opened with.</param>
    /// <param name="sectionName">The ELF section, null while the section table itself is read.</param>
    /// <param name="offset">The byte within the section (within the file without a section), null where no single byte is at fault.</param>
    /// <param name="problem">What is wrong there.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    internal BpfObjectFormatException(string fileName, string? sectionName, long? offset, string problem, Exception? innerException = null)
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

/// <summary>A map, variable or function that the C declares <c>extern</c>, that its object does not define, and that is not the kernel's.</summary>
/// <param name="Name">The name in C.</param>
/// <param name="Kind">What it is: <c>map</c>, <c>variable</c> or <c>function</c>.</param>
internal sealed record UndefinedExtern(string Name, string Kind);
