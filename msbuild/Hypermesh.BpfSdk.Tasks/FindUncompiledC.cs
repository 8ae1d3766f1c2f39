using System.Text.RegularExpressions;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>Reports C files that look like BPF programs, in a project that compiles none: their names do not end in <c>.bpf.c</c>, or they are not those of the one-file program beside them.</summary>
[MSBuildMultiThreadableTask]
public sealed class FindUncompiledC : BpfTask
{
    private const int MostFiles = 100;
    private const int MostLines = 1000;
    private const string Extension = ".c";
    private const string BpfExtension = ".bpf.c";

    private static readonly Regex s_include = new(@"^\s*#\s*include\s*[<""](bpf/bpf_helpers\.h|linux/bpf\.h|vmlinux\.h|hypermesh/)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_section = new(@"^\s*SEC\s*\(", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>The C files of the project.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The C# file of a one-file program; empty for a project.</summary>
    public string EntryPoint { get; set; } = "";

    /// <inheritdoc/>
    protected override bool Run()
    {
        LinkedFiles disk = new();
        foreach (string name in Files.Take(MostFiles).Select(static file => file.ItemSpec))
        {
            string path = disk.Full(ProjectDirectory, name);
            if (EntryPoint.Length > 0 && BelongsToOther(path))
            {
                continue;
            }

            string[] lines = [.. File.ReadLines(path).Take(MostLines)];
            int include = Array.FindIndex(lines, s_include.IsMatch);
            if (include >= 0 && Array.Exists(lines, s_section.IsMatch))
            {
                Log.LogWarning(null, DiagnosticCodes.SourceUncompiled, null, path, include + 1, 0, 0, 0, "{0}", "The file looks like a BPF program and is not compiled, so there is no class for it: " + Remedy(name));
            }
        }

        return true;
    }

    private string Remedy(string name)
    {
        string own = Path.GetFileName(name);
        if (EntryPoint.Length == 0)
        {
            return $"the build compiles the files whose names end in .bpf.c. Rename it to {own.Substring(0, own.Length - Extension.Length)}{BpfExtension}, or write <BpfCompile Include=\"{name}\" /> in the project.";
        }

        string program = Path.GetFileName(EntryPoint);
        return $"a one-file program uses only the C with its own name. Rename it to {Path.ChangeExtension(program, BpfExtension)}{(IsBpf(own) ? $", or rename {program} to {Stem(own)}.cs" : "")}.";
    }

    // Another one-file program of the folder has it.
    private static bool BelongsToOther(string path) => IsBpf(path) && File.Exists(Path.Combine(Path.GetDirectoryName(path)!, Stem(path) + ".cs"));

    private static bool IsBpf(string path) => path.EndsWith(BpfExtension, StringComparison.Ordinal);

    private static string Stem(string path)
    {
        string name = Path.GetFileName(path);
        return name.Substring(0, name.Length - BpfExtension.Length);
    }
}
