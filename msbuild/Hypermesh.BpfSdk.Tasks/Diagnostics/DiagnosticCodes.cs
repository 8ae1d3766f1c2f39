namespace Hypermesh.BpfSdk.Tasks.Diagnostics;

/// <summary>The codes of the build's messages, except those for clang's own lines, which are <c>ClangCodes</c>. A code never changes its meaning, because <c>NoWarn</c> and <c>WarningsAsErrors</c> name it.</summary>
internal static class DiagnosticCodes
{
    /// <summary>No clang was found that can compile for BPF.</summary>
    public const string NoUsableClang = "HMBPF0001";

    /// <summary>The clang that was named cannot be used; another one is used instead.</summary>
    public const string NamedClangPassedOver = "HMBPF0002";

    /// <summary>Two C files would become the same class.</summary>
    public const string SameClassTwice = "HMBPF0003";

    /// <summary>The metadata of a BpfCompile item, or the name made from its file, is not a C# name.</summary>
    public const string InvalidName = "HMBPF0004";

    /// <summary>A BpfCompile item names a file that does not exist.</summary>
    public const string SourceMissing = "HMBPF0005";

    /// <summary>The class took the suffix Program because its namespace ends in the same name (a message).</summary>
    public const string ClassSuffixed = "HMBPF0006";

    /// <summary>The comments of the C could not be read, most often because there is no libclang (a message; an error where they are required).</summary>
    public const string CommentsUnread = "HMBPF0007";

    /// <summary>The oldest kernel of a file is not a release.</summary>
    public const string InvalidKernel = "HMBPF0008";

    /// <summary>There are no kernel types to make vmlinux.h from.</summary>
    public const string NoKernelTypes = "HMBPF0009";

    /// <summary>A prebuilt object is missing, or was compiled from other C (warning).</summary>
    public const string PrebuiltDiffers = "HMBPF0011";

    /// <summary>There is no clang, and no prebuilt object of this C.</summary>
    public const string PrebuiltUnusable = "HMBPF0012";

    /// <summary>The metadata Endianness is not known.</summary>
    public const string InvalidEndianness = "HMBPF0013";

    /// <summary>The metadata Defines or IncludePaths has an option of clang where a name is expected.</summary>
    public const string OptionInList = "HMBPF0014";

    /// <summary>A C file looks like a BPF program and is not compiled (warning).</summary>
    public const string SourceUncompiled = "HMBPF0015";

    /// <summary>The class has the name of the class that the C# compiler generates for top-level statements (warning).</summary>
    public const string NamedProgram = "HMBPF0016";

    /// <summary>The metadata of a BpfCompile item is misspelt (warning).</summary>
    public const string MisspeltMetadata = "HMBPF0026";

    /// <summary>A BpfCompile item with Update matches no file (warning).</summary>
    public const string UnmatchedUpdate = "HMBPF0028";

    /// <summary>A property of the SDK is misspelt (warning).</summary>
    public const string MisspeltProperty = "HMBPF0029";

    /// <summary>A file of the build could not be written or read, most often because the disk is full.</summary>
    public const string FileFailed = "HMBPF0020";

    /// <summary>clang ended without an object and without an error that could be read.</summary>
    public const string CompilerFailed = "HMBPF1005";

    /// <summary>clang wrote an object that cannot be read.</summary>
    public const string ObjectUnreadable = "HMBPF1006";

    /// <summary>A type has different layouts in the little-endian and the big-endian object.</summary>
    public const string EndiannessDiffers = "HMBPF1007";

    /// <summary>The layout of a struct in the compiled C# differs from the C.</summary>
    public const string LayoutDiffers = "HMBPF1020";

    /// <summary>The compiled C# or the object could not be read, so their layouts were not compared.</summary>
    public const string LayoutUnknown = "HMBPF1021";

    /// <summary>A kernel's verifier rejects a program.</summary>
    public const string VerifierRefused = "HMBPF1030";

    /// <summary>The objects, or a program, could not be verified, and why (a message).</summary>
    public const string NotVerified = "HMBPF1031";
}
