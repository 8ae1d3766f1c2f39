namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>The codes of clang's messages. A code never changes its meaning, because <c>NoWarn</c> and <c>WarningsAsErrors</c> name it.</summary>
internal static class ClangCodes
{
    /// <summary>An error in the C.</summary>
    public const string Error = "HMBPF1001";

    /// <summary>A warning in the C; the text ends with the flag that controls it.</summary>
    public const string Warning = "HMBPF1002";

    /// <summary>An error at which clang stops reading, most often a missing header.</summary>
    public const string FatalError = "HMBPF1003";

    /// <summary>A message about clang's arguments or clang itself, not about a place in the C.</summary>
    public const string Usage = "HMBPF1004";
}
