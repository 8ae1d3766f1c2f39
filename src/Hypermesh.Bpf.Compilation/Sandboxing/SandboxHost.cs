using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Compilation.Sandboxing;

/// <summary>Finds the program that becomes the launcher: this application again, which calls <see cref="BpfSandbox.RunLauncher"/> first.</summary>
internal static class SandboxHost
{
    /// <summary>True once the application has asked whether it is the launcher: it would answer again.</summary>
    internal static bool Answers { get; set; }

    /// <summary>Returns the program and its first arguments.</summary>
    /// <exception cref="BpfException">This application would not become the launcher.</exception>
    internal static IReadOnlyList<string> Find()
    {
        if (!Answers || Environment.ProcessPath is not { } program)
        {
            throw new BpfException(
                "C of any origin is compiled in a sandbox, for which this application starts itself again. Call BpfSandbox.RunLauncher(args) at the beginning of Main, and end with its result where it is not null; or set BpfCompilerOptions.IsTrusted for C that may read all files that this process may read.");
        }

        // dotnet app.dll: the first word of the command line is the assembly. A program of its own needs none.
        return RuntimeFeature.IsDynamicCodeSupported && Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Environment.GetCommandLineArgs()[0]] : [program];
    }
}
