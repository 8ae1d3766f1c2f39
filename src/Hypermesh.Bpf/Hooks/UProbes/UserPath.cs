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
        return Find(request.Kernel, places, name) ?? throw request.Absent(
            $"{(isLibrary ? "Library" : "Program")} {name}", Needs(request.Kernel, name, isLibrary, variable, places), "open", Errno.ENOENT);
    }

    private static string Needs(IKernel kernel, string name, bool isLibrary, string variable, string places)
    {
        string needs = $"to be in one of {places.TrimStart(':')} ({variable} and the system's own), or to be named by its whole path";
        string libraries = $"{Environment.GetEnvironmentVariable("LD_LIBRARY_PATH")}:{SystemLibraries}:{s_multiarch}";

        // The bare name is enough where it leads to a library; of others the path is.
        string[] near = [.. LibraryNames.Near(kernel, name).Select(path => Find(kernel, libraries, Path.GetFileName(path)) is null ? path : Path.GetFileName(path))];
        return near.Length == 0 ? needs
            : isLibrary ? $"{needs}; libraries of near names: {string.Join(", ", near)}"
            : $"{needs}. A library is named by its file name, with .so and its version: write {string.Join(" or ", near)}";
    }

    private static string? Find(IKernel kernel, string places, string name)
    {
        foreach (string place in places.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string path = $"{place}/{name}";
            long file = kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
            if (file >= 0)
            {
                kernel.Close((int)file);
                return path;
            }
        }

        return null;
    }
}
