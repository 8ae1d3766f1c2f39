using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>Finds a program or library by its bare name, in the places libbpf looks.</summary>
internal static class UserPath
{
    private const string SystemLibraries = "/usr/lib64:/usr/lib";
    private const string SystemPrograms = "/usr/bin:/usr/sbin";

    private static readonly string s_multiarch = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "/lib/aarch64-linux-gnu" : "/lib/x86_64-linux-gnu";

    /// <summary>The path: a name with a slash as it is, a bare one where it is found first.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">There is no such file in any of the places.</exception>
    internal static string Resolve(in LinkRequest request, string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return name;
        }

        bool isLibrary = name.EndsWith(".so", StringComparison.Ordinal) || name.Contains(".so.", StringComparison.Ordinal);
        string variable = isLibrary ? "LD_LIBRARY_PATH" : "PATH";
        string places = $"{Environment.GetEnvironmentVariable(variable)}:{(isLibrary ? $"{SystemLibraries}:{s_multiarch}" : SystemPrograms)}";
        foreach (string place in places.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string path = $"{place}/{name}";
            long file = request.Kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
            if (file >= 0)
            {
                request.Kernel.Close((int)file);
                return path;
            }
        }

        throw request.Absent(
            $"{(isLibrary ? "Library" : "Program")} {name}", $"to be in one of {places.TrimStart(':')} ({variable} and the system's own), or to be named by its whole path", "open", Errno.ENOENT);
    }
}
