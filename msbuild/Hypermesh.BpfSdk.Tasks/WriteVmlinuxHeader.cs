using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;
using Hypermesh.Bpf.Objects.Errors;
using Hypermesh.Bpf.Objects.StaticLinking;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Programs;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>Generates vmlinux.h from a kernel's types: all of them, or those that the C files and their headers name and the types these need. Written only when it changes.</summary>
[MSBuildMultiThreadableTask]
public sealed class WriteVmlinuxHeader : BpfTask
{
    /// <summary>BTF as in /sys/kernel/btf, or ELF files that have it (a vmlinux, a module with the types it was built against); several are merged.</summary>
    [Required]
    public string[] Types { get; set; } = [];

    /// <summary>The C files.</summary>
    [Required]
    public ITaskItem[] Sources { get; set; } = [];

    /// <summary>The folder relative paths start from.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The folder of the package's own headers, whose names are needed where they are included.</summary>
    public string PackageIncludes { get; set; } = "";

    /// <summary>The full path of the file that records the inputs of the header. While they are the same, the header is not generated again, whatever the times of files.</summary>
    [Required]
    public string Stamp { get; set; } = "";

    /// <summary>True for all types, named or not.</summary>
    public bool Whole { get; set; }

    /// <summary>The header, a full path.</summary>
    [Required]
    public string Header { get; set; } = "";

    /// <inheritdoc/>
    protected override bool Run()
    {
        using var text = new StringWriter { NewLine = "\n" };
        LinkedFiles disk = new();
        string[] types = [.. Types.Select(path => disk.Full(ProjectDirectory, path))];
        string identity;
        try
        {
            IReadOnlyCollection<string> names = Whole ? [] : IncludedNames.Of(Sources, ProjectDirectory, PackageIncludes, Header, disk);
            string[] states = [.. types.Select(disk.StateOf)];
            identity = Identity(states, names);
            if (File.Exists(Header) && Array.IndexOf(states, "") < 0 && ContentFile.ReadOrNull(Stamp) == identity)
            {
                return true;
            }

            var writer = new BtfCWriter(KernelTypeMerger.ReadAll(types, Read), text);
            if (Whole)
            {
                writer.WriteHeader();
            }
            else
            {
                writer.WriteHeader(names);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or BpfException)
        {
            Log.LogError(
                null, DiagnosticCodes.NoKernelTypes, null, string.Join(";", Types), 0, 0, 0, 0, "{0}",
                $"vmlinux.h cannot be generated: {Sentence.Of(failure.Message)} Set BpfVmlinuxTypes to a file with a kernel's types, BTF or ELF with BTF; 'cp /sys/kernel/btf/vmlinux kernel.btf' creates one on a machine that has them.");
            return false;
        }

        ContentFile.WriteWhenDifferent(Header, text.ToString());
        ContentFile.WriteWhenDifferent(Stamp, identity);
        return true;
    }

    private static BtfTypes Read(string path, BtfTypes? kernel)
    {
        using FileStream file = File.OpenRead(path);
        return BtfFile.Read(file, path, kernel);
    }

    // What the header depends on: the version of this writer, the kernels and the names.
    private string Identity(IEnumerable<string> kernels, IEnumerable<string> names)
        => string.Join(
            "\n",
            [
                typeof(WriteVmlinuxHeader).Module.ModuleVersionId.ToString(),
                .. kernels,
                Whole ? "whole" : string.Join(" ", names),
            ]);
}
