using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Compilation;

/// <summary>What <see cref="BpfCompiler"/> made of C.</summary>
public sealed class BpfCompiledObject
{
    internal BpfCompiledObject(string name, ReadOnlyMemory<byte> image, IReadOnlyList<BpfDiagnostic> diagnostics, bool isFromCache)
    {
        Name = name;
        Image = image;
        Diagnostics = diagnostics;
        IsFromCache = isFromCache;
    }

    /// <summary>The object's name: the file's up to the first dot, with which the kernel's names of its data sections begin.</summary>
    public string Name { get; }

    /// <summary>The object, as clang wrote it.</summary>
    public ReadOnlyMemory<byte> Image { get; }

    /// <summary>The warnings; empty for an object from the cache.</summary>
    public IReadOnlyList<BpfDiagnostic> Diagnostics { get; }

    /// <summary>True when clang did not run.</summary>
    public bool IsFromCache { get; }

    /// <summary>Reads the object, which can then be changed and loaded.</summary>
    /// <exception cref="BpfObjectFormatException">The object is not one that can be loaded, for example because of a function that is not defined.</exception>
    public BpfObjectSpec ReadSpec() => BpfObjectSpec.Read(Image, Name);
}

/// <summary>One message of clang.</summary>
/// <param name="IsError">True for an error; false for a warning.</param>
/// <param name="Code">Its code, as the build reports it: <c>HMBPF1001</c> for an error in the C, <c>HMBPF1002</c> for a warning, <c>HMBPF1003</c> for an error at which clang stops, <c>HMBPF1004</c> without a place.</param>
/// <param name="File">The file; the source where the message has no place.</param>
/// <param name="Line">The line from 1; 0 for none.</param>
/// <param name="Column">The column from 1; 0 for none.</param>
/// <param name="Text">The message, with a remedy where one is known. Control characters are removed.</param>
public sealed record BpfDiagnostic(bool IsError, string Code, string File, int Line, int Column, string Text)
{
    /// <summary>Returns the message as compilers write it: <c>file(line,column): error CODE: text</c>.</summary>
    public override string ToString() => $"{File}{(Line > 0 ? $"({Line},{Column})" : "")}: {(IsError ? "error" : "warning")} {Code}: {Text}";
}

/// <summary>C could not be compiled: it has errors, clang is missing, or it reached a limit. The message has the first error with its place.</summary>
public sealed class BpfCompilationException : BpfException
{
    internal BpfCompilationException(string message, string source, IReadOnlyList<BpfDiagnostic> diagnostics, BpfCompilationLimit limit = BpfCompilationLimit.None)
        : base(message, source, null)
    {
        Diagnostics = diagnostics;
        Limit = limit;
    }

    /// <summary>All errors and warnings, in clang's order.</summary>
    public IReadOnlyList<BpfDiagnostic> Diagnostics { get; }

    /// <summary>The limit that was reached; <see cref="BpfCompilationLimit.None"/> for another reason.</summary>
    public BpfCompilationLimit Limit { get; }
}
