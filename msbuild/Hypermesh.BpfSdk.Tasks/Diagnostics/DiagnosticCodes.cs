namespace Hypermesh.BpfSdk.Tasks.Diagnostics;

/// <summary>Every code the build can say beside those for clang's own lines, which are <c>ClangCodes</c>. A code keeps its meaning for ever: <c>NoWarn</c> and <c>WarningsAsErrors</c> name it.</summary>
internal static class DiagnosticCodes
{
    /// <summary>No clang was found that can compile for BPF.</summary>
    public const string NoUsableClang = "HMBPF0001";

    /// <summary>The clang that was asked for by name cannot be used; another one is.</summary>
    public const string NamedClangPassedOver = "HMBPF0002";

    /// <summary>Two C files would become the same class.</summary>
    public const string SameClassTwice = "HMBPF0003";

    /// <summary>The metadata of a BpfCompile item, or the name made from its file, is no C# name.</summary>
    public const string InvalidName = "HMBPF0004";

    /// <summary>A BpfCompile item names a file that is not there.</summary>
    public const string SourceMissing = "HMBPF0005";

    /// <summary>The class took the suffix Program because its namespace ends in the same name (a message).</summary>
    public const string ClassSuffixed = "HMBPF0006";

    /// <summary>The comments of the C could not be read, most often because there is no libclang (a message; an error where they are required).</summary>
    public const string CommentsUnread = "HMBPF0007";

    /// <summary>The oldest kernel of a file is not a release.</summary>
    public const string InvalidKernel = "HMBPF0008";

    /// <summary>There are no kernel types to make vmlinux.h from.</summary>
    public const string NoKernelTypes = "HMBPF0009";

    /// <summary>A prebuilt object is missing, or of another C than is there (warning).</summary>
    public const string PrebuiltDiffers = "HMBPF0011";

    /// <summary>There is no clang, and no prebuilt object that could stand in.</summary>
    public const string PrebuiltUnusable = "HMBPF0012";

    /// <summary>The metadata Endianness is not known.</summary>
    public const string InvalidEndianness = "HMBPF0013";

    /// <summary>The metadata Defines or IncludePaths has an option of clang where a name is expected.</summary>
    public const string OptionInList = "HMBPF0014";

    /// <summary>A C file looks like a BPF program and is not compiled (warning).</summary>
    public const string SourceUncompiled = "HMBPF0015";

    /// <summary>The class has the name of the class that the C# compiler makes of top-level statements (warning).</summary>
    public const string NamedProgram = "HMBPF0016";

    /// <summary>A file of the build could not be written or read, most often because the disk is full.</summary>
    public const string FileFailed = "HMBPF0020";

    /// <summary>clang ended without an object and without an error that could be read.</summary>
    public const string CompilerFailed = "HMBPF1005";

    /// <summary>clang wrote an object that cannot be read.</summary>
    public const string ObjectUnreadable = "HMBPF1006";

    /// <summary>The types of the objects for both kinds of machine are not laid out alike.</summary>
    public const string EndiannessDiffers = "HMBPF1007";

    /// <summary>A struct lies in memory otherwise in the compiled C# than in the C.</summary>
    public const string LayoutDiffers = "HMBPF1020";

    /// <summary>The compiled C# or the object could not be read, so their layouts were not compared.</summary>
    public const string LayoutUnknown = "HMBPF1021";

    /// <summary>A kernel's verifier refuses a program.</summary>
    public const string VerifierRefused = "HMBPF1030";

    /// <summary>Nothing was shown to a verifier, or a program not, and why (a message).</summary>
    public const string NotVerified = "HMBPF1031";
}
