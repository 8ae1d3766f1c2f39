using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Prebuilt;
using Hypermesh.BpfSdk.Tasks.Programs;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>
/// Objects that are committed beside the C. Where there is no clang they are taken, if they are of the C that is there; where there is one, they are compared with what
/// was just compiled, and written on demand.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class SyncBpfPrebuilt : BpfTask
{
    /// <summary>What <see cref="PrepareBpf"/> gave.</summary>
    [Required]
    public ITaskItem[] Programs { get; set; } = [];

    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The folder they are in.</summary>
    [Required]
    public string Folder { get; set; } = "";

    /// <summary>The folder for what is made, which is nobody's source.</summary>
    [Required]
    public string OutputDirectory { get; set; } = "";

    /// <summary>True where the objects were compiled.</summary>
    public bool HasClang { get; set; }

    /// <summary>True to write them.</summary>
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
            : committed.Changed(ProjectDirectory) is { Count: > 0 } changed ? $"the prebuilt object {path} is of another {string.Join(", ", changed)}" : "";
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
            Fail(program, $"the prebuilt object {path} is cut or changed");
        }
    }

    private void Fail(ITaskItem program, string problem)
        => Log.LogError(null, DiagnosticCodes.PrebuiltUnusable, null, program.ItemSpec, 0, 0, 0, 0, "{0}", $"There is no clang here, and {problem}. Build once with -p:BpfUpdatePrebuilt=true where clang is, and commit what it writes.");

    private static bool IsWithin(string file, string folder) => file.StartsWith(folder.TrimEnd('/', '\\') + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
