namespace Hypermesh.Bpf.Clang.Arguments;

/// <summary>The arguments of clang for one file. The same source gives the same object in every folder and on every machine.</summary>
internal static class ClangArguments
{
    private static readonly string[] s_searchOptions = ["-I", "-iquote", "-isystem", "-idirafter", "--include-directory", "-include-directory"];

    /// <summary>Returns the arguments, including input and outputs.</summary>
    public static IReadOnlyList<string> For(ClangOptions options)
        =>
        [
            "-target", options.IsBigEndian ? "bpfeb" : "bpfel",
            // Without it clang uses the machine it runs on.
            "-mcpu=" + options.Mcpu,
            "-O2",
            "-g",
            "-Wall",
            "-Wunused-command-line-argument",
            // Keeps folders and the compiler's name out of the object.
            "-fno-ident",
            "-fdebug-compilation-dir=.",
            $"-ffile-prefix-map={WithSlash(options.Directory)}=",
            $"-ffile-prefix-map={WithSlash(options.PackageIncludes)}=",
            // libbpf's tracing header passes this to _Pragma, which takes a string, where a program needs registers and no architecture is defined.
            "-D__BPF_TARGET_MISSING=\"GCC error \\\"The registers of a kprobe differ between architectures: name one in the project, "
                + "as in <BpfCompile Update='file.bpf.c' Defines='__TARGET_ARCH_x86' />\\\"\"",
            .. options.Defines.Select(static define => "-D" + define),
            .. options.IncludePaths.Select(static path => "-I" + path),
            "-I" + options.PackageIncludes,
            .. options.SystemIncludes.SelectMany(static path => new[] { "-idirafter", path }),
            .. options.AdditionalOptions,
            "-fno-color-diagnostics",
            "-fno-caret-diagnostics",
            "-MD", "-MF", options.DependencyFile,
            "-c", OfFile(options.Source),
            "-o", options.Object,
        ];

    /// <summary>Returns a relative path as an argument. clang would read a name that begins with - as an option and one that begins with @ as a file of arguments.</summary>
    public static string OfFile(string path) => path[0] is '-' or '@' ? "./" + path : path;

    /// <summary>Returns the folders in which clang searches headers, as far as its arguments name them.</summary>
    public static IEnumerable<string> SearchedFolders(IReadOnlyList<string> arguments) => ValuesOf(arguments, s_searchOptions);

    /// <summary>Returns the values of some options, written as <c>-Ifolder</c>, <c>-I folder</c> or <c>--option=folder</c>.</summary>
    public static IEnumerable<string> ValuesOf(IReadOnlyList<string> arguments, params string[] options)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string option = options.FirstOrDefault(option => arguments[i].StartsWith(option, StringComparison.Ordinal)) ?? "";
            string joined = arguments[i].Substring(option.Length).TrimStart('=');
            if (option.Length > 0 && (joined.Length > 0 || i + 1 < arguments.Count))
            {
                yield return joined.Length > 0 ? joined : arguments[++i];
            }
        }
    }

    private static string WithSlash(string folder) => folder.TrimEnd('/', '\\') + "/";
}
