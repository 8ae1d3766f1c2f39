using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation;

/// <summary>
/// The sandbox of <see cref="BpfCompiler"/>. It starts the application again, which sets limits (CPU time, memory, file size, open files), changes root to <c>nobody</c>, gives up new
/// privileges, restricts the files that can be read (landlock, 5.13) and becomes clang. No other program is needed, and no capability.
/// </summary>
public static class BpfSandbox
{
    /// <summary>
    /// Becomes clang when <see cref="BpfCompiler"/> started this process for it; returns null at once for any other command line. Call it first in <c>Main</c>:
    /// <code>
    /// if (BpfSandbox.RunLauncher(args) is { } exitCode)
    /// {
    ///     return exitCode;
    /// }
    /// </code>
    /// </summary>
    /// <param name="arguments">The arguments of <c>Main</c>.</param>
    /// <returns>Null, and the application goes on; or the exit code with which it must end.</returns>
    public static int? RunLauncher(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        SandboxHost.Answers = true;
        return arguments.Length > 0 && arguments[0] == SandboxPolicy.Verb ? SandboxLauncher.Run(arguments) : null;
    }
}
