using System.Text.RegularExpressions;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>Reports C files that look like BPF programs, in a project that compiles none: their names do not end in <c>.bpf.c</c>.</summary>
[MSBuildMultiThreadableTask]
public sealed class FindUncompiledC : BpfTask
{
    private const int MostFiles = 100;
    private const int MostLines = 1000;
    private const string Extension = ".c";

    private static readonly Regex s_include = new(@"^\s*#\s*include\s*[<""](bpf/bpf_helpers\.h|linux/bpf\.h|vmlinux\.h|hypermesh/)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    private static readonly Regex s_section = new(@"^\s*SEC\s*\(", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>The C files of the project.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <inheritdoc/>
    protected override bool Run()
    {
        LinkedFiles disk = new();
        foreach (string name in Files.Take(MostFiles).Select(static file => file.ItemSpec))
        {
            string path = disk.Full(ProjectDirectory, name);
            string[] lines = [.. File.ReadLines(path).Take(MostLines)];
            int include = Array.FindIndex(lines, s_include.IsMatch);
            if (include >= 0 && Array.Exists(lines, s_section.IsMatch))
            {
                string renamed = Path.GetFileName(name.Substring(0, name.Length - Extension.Length)) + ".bpf.c";
                Log.LogWarning(
                    null, DiagnosticCodes.SourceUncompiled, null, path, include + 1, 0, 0, 0, "{0}",
                    $"The file looks like a BPF program and is not compiled, so there is no class for it: the build compiles the files whose names end in .bpf.c. Rename it to {renamed}, "
                    + $"or write <BpfCompile Include=\"{name}\" /> in the project.");
            }
        }

        return true;
    }
}
