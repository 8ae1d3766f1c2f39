using System.ComponentModel;

namespace Hypermesh.Bpf.Clang.Running;

/// <summary>Compiles one C file.</summary>
internal static class ClangRun
{
    /// <summary>Runs clang with the arguments in a file, to which the system's limit on command lines does not apply.</summary>
    /// <param name="clang">The program.</param>
    /// <param name="argumentFile">The file: one argument a line, quoted.</param>
    /// <param name="directory">The folder clang runs in.</param>
    /// <param name="cancellation">Ends the program when it is cancelled.</param>
    /// <returns>Its output and exit code; exit code -1 and the reason where it cannot be started.</returns>
    public static ProcessResult Compile(string clang, string argumentFile, string directory, CancellationToken cancellation)
    {
        try
        {
            return ProcessRunner.Run(clang, ["--rsp-quoting=posix", "@" + argumentFile], directory, cancellation);
        }
        catch (Win32Exception failure)
        {
            return new ProcessResult(-1, "", failure.Message);
        }
    }
}
