namespace Hypermesh.Bpf.Clang.Arguments;

/// <summary>The options for the compilation of one C file.</summary>
internal sealed record ClangOptions
{
    /// <summary>The folder that clang runs in: relative paths start from it, and it does not appear in the object.</summary>
    public required string Directory { get; init; }

    /// <summary>The C file.</summary>
    public required string Source { get; init; }

    /// <summary>The object to write.</summary>
    public required string Object { get; init; }

    /// <summary>The dependency file to write, which names the headers that were read.</summary>
    public required string DependencyFile { get; init; }

    /// <summary>True for an object for big-endian machines.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>The instruction set.</summary>
    public string Mcpu { get; init; } = "v3";

    /// <summary>Macros, as <c>NAME</c> or <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Defines { get; init; } = [];

    /// <summary>Folders to search for headers.</summary>
    public IReadOnlyList<string> IncludePaths { get; init; } = [];

    /// <summary>The folder of the SDK's own headers, searched after those; it does not appear in the object either.</summary>
    public required string PackageIncludes { get; init; }

    /// <summary>The folders of the machine's headers, in clang's order.</summary>
    public IReadOnlyList<string> SystemIncludes { get; init; } = [];

    /// <summary>More arguments.</summary>
    public IReadOnlyList<string> AdditionalOptions { get; init; } = [];
}
