using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Prebuilt;
using Hypermesh.BpfSdk.Tasks.Programs;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>
/// Handles objects that are committed beside the C. Without clang they are used if they were compiled from the current C; with clang they are compared with what
/// was just compiled, and written on demand.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class SyncBpfPrebuilt : BpfTask
{
    /// <summary>The C files, from <see cref="PrepareBpf"/>.</summary>
    [Required]
    public ITaskItem[] Programs { get; set; } = [];

    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The folder of the committed objects.</summary>
    [Required]
    public string Folder { get; set; } = "";

    /// <summary>The folder for the outputs, whose files are not sources.</summary>
    [Required]
    public string OutputDirectory { get; set; } = "";

    /// <summary>True when the objects were compiled with clang.</summary>
    public bool HasClang { get; set; }

    /// <summary>True to write the committed objects.</summary>
    public bool Update { get; set; }

    /// <inheritdoc/>
    protected override bool Run()
    {
        foreach (ITaskItem program in Programs)
        {
            string path = Path.GetFullPath(Path.Combine(ProjectDirectory, Folder, program.GetMetadata("Prebuilt")));
            PrebuiltFile? committed = File.Exists(path) ? PrebuiltFile.Read(File.ReadAllText(path)) : null;
            if (HasClang)
            {
                Compare(program, path, committed);
            }
            else
            {
                Take(program, path, committed);
            }
        }

        return !Log.HasLoggedErrors;
    }

    private void Compare(ITaskItem program, string path, PrebuiltFile? committed)
    {
        if (!File.Exists(program.GetMetadata("Carrier")))
        {
            return;
        }

        string directory = Path.GetFullPath(ProjectDirectory);
        string outputs = Path.GetFullPath(Path.Combine(directory, OutputDirectory));
        IEnumerable<string> read = BuildState.Dependencies(program.ItemSpec, program.GetMetadata("DependencyFile"), directory, new LinkedFiles()).Where(file => file == program.ItemSpec || (IsWithin(file, directory) && !IsWithin(file, outputs)));
        PrebuiltFile compiled = PrebuiltFile.Of(read, directory, File.ReadAllText(program.GetMetadata("Carrier")));
        if (Update)
        {
            ContentFile.WriteWhenDifferent(path, compiled.ToString());
        }
        else if (committed is null || !committed.Inputs.SequenceEqual(compiled.Inputs, StringComparer.Ordinal))
        {
            Log.LogWarning(
                null, DiagnosticCodes.PrebuiltDiffers, null, program.ItemSpec, 0, 0, 0, 0, "{0}",
                $"{(committed is null ? $"There is no prebuilt object at {path}" : $"The prebuilt object {path} was compiled from other C")}; a build with -p:BpfUpdatePrebuilt=true writes it.");
        }
    }

    private void Take(ITaskItem program, string path, PrebuiltFile? committed)
    {
        string problem = committed is null
            ? $"there is no prebuilt object at {path}"
            : committed.Changed(ProjectDirectory) is { Count: > 0 } changed ? $"the prebuilt object {path} was compiled from another {string.Join(", ", changed)}" : "";
        if (problem.Length > 0)
        {
            Fail(program, problem);
            return;
        }

        try
        {
            ContentFile.WriteWhenDifferent(program.GetMetadata("Object"), committed!.Image());
            ContentFile.WriteWhenDifferent(program.GetMetadata("Carrier"), committed.CarrierWith(program.GetMetadata("CarrierHeader")));
        }
        catch (CarrierException)
        {
            Fail(program, $"the prebuilt object {path} is truncated or changed");
        }
    }

    private void Fail(ITaskItem program, string problem)
        => Log.LogError(null, DiagnosticCodes.PrebuiltUnusable, null, program.ItemSpec, 0, 0, 0, 0, "{0}", $"There is no clang on this machine, and {problem}. Install clang, or build once with -p:BpfUpdatePrebuilt=true on a machine with clang and commit what it writes.");

    private static bool IsWithin(string file, string folder) => file.StartsWith(folder.TrimEnd('/', '\\') + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
