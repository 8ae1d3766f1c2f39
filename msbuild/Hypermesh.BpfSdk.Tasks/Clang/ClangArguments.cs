using Hypermesh.BpfSdk.Tasks.Programs;

namespace Hypermesh.BpfSdk.Tasks.Clang;

/// <summary>The arguments of clang for one file. The same source gives the same object in every folder and on every machine.</summary>
internal static class ClangArguments
{
    private static readonly string[] s_searchOptions = ["-I", "-iquote", "-isystem", "-idirafter", "--include-directory", "-include-directory"];

    /// <summary>The arguments, complete with input and outputs.</summary>
    /// <param name="program">The file.</param>
    /// <param name="projectDirectory">The folder clang runs in.</param>
    /// <param name="packageIncludes">The folder of the SDK's own headers.</param>
    /// <param name="systemIncludes">The folders of the machine's headers, in clang's order.</param>
    /// <param name="isBigEndian">True for the second object of a file that has two.</param>
    public static IReadOnlyList<string> For(
        BpfProgramFile program, string projectDirectory, string packageIncludes, IEnumerable<string> systemIncludes, bool isBigEndian = false)
        =>
        [
            "-target", isBigEndian ? "bpfeb" : "bpfel",
            // Without it clang asks the machine it runs on.
            "-mcpu=" + program.Mcpu,
            "-O2",
            "-g",
            "-Wall",
            "-Wunused-command-line-argument",
            // Folders and the compiler's name stay out of the object.
            "-fno-ident",
            "-fdebug-compilation-dir=.",
            $"-ffile-prefix-map={WithSlash(projectDirectory)}=",
            $"-ffile-prefix-map={WithSlash(packageIncludes)}=",
            // libbpf's tracing header passes this to _Pragma, which takes a string, where a program needs registers and no architecture is defined.
            "-D__BPF_TARGET_MISSING=\"GCC error \\\"The registers of a kprobe differ between architectures: name one in the project, "
                + "as in <BpfCompile Update='file.bpf.c' Defines='__TARGET_ARCH_x86' />\\\"\"",
            .. program.Defines.Select(define => "-D" + define),
            .. program.IncludePaths.Select(path => "-I" + path),
            "-I" + packageIncludes,
            .. systemIncludes.SelectMany(path => new[] { "-idirafter", path }),
            .. program.AdditionalOptions,
            "-fno-color-diagnostics",
            "-fno-caret-diagnostics",
            "-MD", "-MF", isBigEndian ? program.BigEndianObject + ".d" : program.DependencyFile,
            "-c", program.SourceArgument,
            "-o", isBigEndian ? BigEndianRawObject(program.BigEndianObject) : program.RawObject,
        ];

    /// <summary>The folders in which clang looks for headers, as far as its arguments name them.</summary>
    public static IEnumerable<string> SearchedFolders(IReadOnlyList<string> arguments) => ValuesOf(arguments, s_searchOptions);

    /// <summary>The values of some options, written as <c>-Ifolder</c>, <c>-I folder</c> or <c>--option=folder</c>.</summary>
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

    /// <summary>What clang makes for the second object.</summary>
    public static string BigEndianRawObject(string bigEndianObject) => Path.ChangeExtension(bigEndianObject, ".raw.o");

    /// <summary>The file with the arguments for the second object.</summary>
    public static string BigEndianArgumentFile(string bigEndianObject) => Path.ChangeExtension(bigEndianObject, ".rsp");

    private static string WithSlash(string folder) => folder.TrimEnd('/', '\\') + "/";
}
