using Hypermesh.Bpf;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Parsing;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Layouts;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>
/// Compares the structs of the compiled assembly with the types of the objects that are embedded in it. A struct whose layout in C# differs from C would read
/// wrong values without an error. Runs after the C# compiler, when the assembly or an object is new.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class CheckBpfLayout : BpfTask
{
    /// <summary>The assembly, a full path.</summary>
    [Required]
    public string Assembly { get; set; } = "";

    /// <summary>The C files, from <see cref="PrepareBpf"/>.</summary>
    [Required]
    public ITaskItem[] Programs { get; set; } = [];

    /// <summary>The file that is written when all layouts agree; a full path.</summary>
    [Required]
    public string Stamp { get; set; } = "";

    /// <inheritdoc/>
    protected override bool Run()
    {
        int compared;
        try
        {
            using var compiled = new CompiledLayouts(File.OpenRead(Assembly));
            compared = Programs.Sum(program => Check(program, compiled));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BadImageFormatException or NotSupportedException)
        {
            Log.LogError(null, DiagnosticCodes.LayoutUnknown, null, Assembly, 0, 0, 0, 0, "{0}", $"The layout of the compiled structs cannot be compared with the C: {exception.Message}");
            return false;
        }

        if (!Log.HasLoggedErrors)
        {
            ContentFile.WriteWhenDifferent(Stamp, $"{compared} sizes and offsets of {Programs.Length} objects\n");
            File.SetLastWriteTimeUtc(Stamp, DateTime.UtcNow);
        }

        return !Log.HasLoggedErrors;
    }

    private int Check(ITaskItem program, CompiledLayouts compiled)
    {
        string source = program.ItemSpec;
        try
        {
            Carrier carrier = CarrierReader.Read(File.ReadAllText(program.GetMetadata("Carrier"))) with { Image = File.ReadAllBytes(program.GetMetadata("Object")) };
            if (SkeletonParser.ParseWithTypes(carrier) is not { } parsed)
            {
                // There is no skeleton, and the generator has reported why.
                return 0;
            }

            var comparison = new LayoutComparison(parsed, compiled);
            foreach (LayoutProblem problem in comparison.Run())
            {
                SourcePosition place = parsed.Lines.Of(problem.CType);
                Log.LogError(
                    null, DiagnosticCodes.LayoutDiffers, null, place.File == carrier.Source ? source : place.File, place.Line, 0, 0, 0,
                    "{0}", $"{problem.CType} has different layouts in {Path.GetFileName(Assembly)} and in the object: {problem.Problem}. Remove an old or edited copy of the generated code from the project.");
            }

            return comparison.Compared;
        }
        catch (Exception exception) when (exception is CarrierException or BpfException)
        {
            Log.LogError(null, DiagnosticCodes.LayoutUnknown, null, source, 0, 0, 0, 0, "{0}", $"The layout of the compiled structs cannot be compared with the C: {exception.Message}");
            return 0;
        }
    }
}
