using System.Diagnostics.CodeAnalysis;
using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf;

/// <summary>The base class of this SDK's own exceptions. It names the object and, where one is concerned, the program or map.</summary>
public class BpfException : Exception
{
    private string? _concerned;

    /// <summary>Creates an exception without a subject.</summary>
    /// <param name="message">The problem and its remedy.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public BpfException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception about an object, and a program or map in it.</summary>
    /// <param name="message">The problem and its remedy.</param>
    /// <param name="objectName">The name that the object was opened with.</param>
    /// <param name="subjectName">The name of the program, map or section.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public BpfException(string message, string? objectName, string? subjectName, Exception? innerException = null)
        : base(message, innerException)
    {
        ObjectName = objectName;
        SubjectName = subjectName;
    }

    /// <summary>The name of the object; null when the exception does not concern an object.</summary>
    public string? ObjectName { get; private set; }

    /// <summary>The name of the program, map or section; null when the exception concerns the whole object.</summary>
    public string? SubjectName { get; }

    /// <inheritdoc/>
    public override string Message => _concerned is null ? base.Message : $"Object {_concerned}: {base.Message}";

    /// <summary>Adds the name of the object to an exception from code that does not know it, such as a reader of a kernel file or of a CPU list.</summary>
    internal void Concern(string objectName)
    {
        if (ObjectName is null)
        {
            ObjectName = objectName;
            _concerned = objectName;
        }
    }
}

/// <summary>A compiled object (its ELF, BTF or BTF.ext) is invalid, such as a truncated file, a count or offset that points outside, or a type that does not exist.</summary>
public sealed class BpfObjectFormatException : BpfException
{
    /// <summary>Creates an exception for a place in a file.</summary>
    /// <param name="fileName">The file, or the name that the bytes were opened with.</param>
    /// <param name="sectionName">The ELF section; null while the section table itself is read.</param>
    /// <param name="offset">The offset in bytes within the section, or within the file when there is no section; null when no single byte is at fault.</param>
    /// <param name="problem">The description of the problem.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    internal BpfObjectFormatException(string fileName, string? sectionName, long? offset, string problem, Exception? innerException = null)
        : base(Describe(fileName, sectionName, offset, problem), fileName, sectionName, innerException)
    {
        FileName = fileName;
        SectionName = sectionName;
        Offset = offset;
    }

    /// <summary>The file, or the name that the bytes were opened with.</summary>
    public string FileName { get; }

    /// <summary>The ELF section; null while the section table itself is read.</summary>
    public string? SectionName { get; }

    /// <summary>The offset in bytes within the section, or within the file when there is no section; null when no single byte is at fault.</summary>
    public long? Offset { get; }

    /// <summary>The symbols that another object must define; empty for every other fault. Such an object is valid, but cannot be loaded alone.</summary>
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

/// <summary>A map, variable or function that the C declares <c>extern</c>, and that neither its object nor the kernel defines.</summary>
/// <param name="Name">The name in C.</param>
/// <param name="Kind">Its kind: <c>map</c>, <c>variable</c> or <c>function</c>.</param>
internal sealed record UndefinedExtern(string Name, string Kind);
