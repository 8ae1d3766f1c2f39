using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation;

/// <summary>Options of <see cref="BpfCompiler"/>; the defaults suit C of any origin.</summary>
public sealed record BpfCompilerOptions
{
    /// <summary>The clang to use; empty for <c>HYPERMESH_BPF_CLANG</c>, then <c>clang</c> and <c>clang-NN</c> of PATH. The first that is at least 16 is used.</summary>
    public string ClangPath { get; init; } = "";

    /// <summary>Folders of headers, beside those of the machine. The compiler can read all files in them.</summary>
    public IReadOnlyList<string> IncludeFolders { get; init; } = [];

    /// <summary>
    /// True for C that may read every file that this process may read: clang runs without the sandbox, except for its limit of time. False, the default, for C of any origin.
    /// </summary>
    public bool IsTrusted { get; init; }

    /// <summary>
    /// The folder of the cache; null for <c>hypermesh-bpf</c> in <c>XDG_CACHE_HOME</c> or <c>~/.cache</c>, empty for no cache. It is created with mode 0700. A folder of
    /// another user, or that others can write to, is not used.
    /// </summary>
    public string? CacheFolder { get; init; }

    internal SandboxLimits Limits { get; init; } = new();

    /// <summary>The program and first arguments that start the launcher; null to find them.</summary>
    internal IReadOnlyList<string>? Launcher { get; init; }
}
