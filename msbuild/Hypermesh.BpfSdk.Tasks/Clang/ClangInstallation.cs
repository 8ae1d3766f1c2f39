namespace Hypermesh.BpfSdk.Tasks.Clang;

/// <summary>What one clang on the machine said about itself.</summary>
/// <param name="Path">The program.</param>
/// <param name="Version">The first line of <c>--version</c>; empty when it could not be asked.</param>
/// <param name="Major">The major version, 0 when it could not be read.</param>
/// <param name="HasBpf">True when it lists the bpf targets.</param>
/// <param name="ResourceDirectory">Where its own headers are; empty when it did not say.</param>
/// <param name="SystemIncludes">Where it looks for the system's headers when it compiles for this machine.</param>
internal sealed record ClangInstallation(string Path, string Version, int Major, bool HasBpf, string ResourceDirectory, IReadOnlyList<string> SystemIncludes)
{
    /// <summary>The oldest that is taken: it writes the type tags and 64-bit enums that BTF of today has.</summary>
    public const int MinimumMajor = 16;

    /// <summary>Why it cannot be used; null when it can.</summary>
    public string? Problem => this switch
    {
        { Major: 0 } => "does not run, or is not clang",
        { Major: < MinimumMajor } => $"version {Major}, older than {MinimumMajor}",
        { HasBpf: false } => $"version {Major} without the bpf target",
        _ => null,
    };
}
