using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Emitting;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hypermesh.BpfSdk.Generators;

/// <summary>
/// Generates a typed skeleton for each compiled BPF object. Every file goes through the pipeline separately, no step uses the
/// compilation, and only values are kept between runs: an edit of C# computes nothing here, an edit of a C file only that file's skeleton.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class BpfSkeletonGenerator : IIncrementalGenerator
{
    private const string ItemGroupKey = "build_metadata.AdditionalFiles.SourceItemGroup";
    private const string CarrierItemGroup = "BpfCarrier";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<AdditionalText> carriers = context.AdditionalTextsProvider
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Where(static pair => IsCarrier(pair.Left, pair.Right))
            .Select(static (pair, _) => pair.Left)
            .WithTrackingName(TrackingNames.CarrierFiles);

        IncrementalValuesProvider<SkeletonResult> results = carriers
            .Select(static (file, stop) => SkeletonParser.Parse(ReadText(file, stop), file.Path))
            .WithTrackingName(TrackingNames.Models);

        IncrementalValuesProvider<SkeletonModel> skeletons = results
            .Where(static result => result.Skeleton is not null)
            .Select(static (result, _) => result.Skeleton!)
            .WithTrackingName(TrackingNames.Skeletons);

        IncrementalValueProvider<DuplicateClasses> duplicates = results
            .Where(static result => result.Claim is not null)
            .Select(static (result, _) => result.Claim!)
            .Collect()
            .Select(static (claims, _) => DuplicateClasses.Find(claims))
            .WithTrackingName(TrackingNames.Duplicates);

        // The only fact about the project that the output depends on: its C# version, null where skeletons compile with it.
        IncrementalValueProvider<string?> tooOld = context.ParseOptionsProvider
            .Select(static (options, _) => options is CSharpParseOptions { LanguageVersion: < LanguageVersion.CSharp12 and var version } ? version.ToDisplayString() : null);

        IncrementalValueProvider<DiagnosticInfo?> oldLanguage = results
            .Collect()
            .Combine(tooOld)
            .Select(static (pair, _) => pair is { Left.Length: > 0, Right: { } version } ? DiagnosticInfo.Create(DiagnosticIds.OldLanguage, "", 1, version) : null);

        IncrementalValuesProvider<SkeletonModel> outputs = skeletons
            .Combine(tooOld)
            .Where(static pair => pair.Right is null)
            .Select(static (pair, _) => pair.Left)
            .Combine(duplicates)
            .Where(static pair => !pair.Right.IsRefused(pair.Left.FullName, pair.Left.Source))
            .Select(static (pair, _) => pair.Left)
            .WithTrackingName(TrackingNames.Outputs);

        IncrementalValuesProvider<SkeletonStub> stubs = results
            .Combine(tooOld)
            .Select(static (pair, _) => pair is { Right: not null, Left.Skeleton: { } skeleton } ? SkeletonStub.Of(skeleton) : pair.Left.Stub)
            .Where(static stub => stub is not null)
            .Select(static (stub, _) => stub!)
            .Combine(duplicates)
            .Where(static pair => !pair.Right.IsRefused(pair.Left.FullName, pair.Left.Source))
            .Select(static (pair, _) => pair.Left);

        context.RegisterSourceOutput(results.SelectMany(static (result, _) => result.Diagnostics), Report);
        context.RegisterSourceOutput(oldLanguage, static (production, diagnostic) =>
        {
            if (diagnostic is not null)
            {
                Report(production, diagnostic);
            }
        });
        context.RegisterSourceOutput(duplicates.SelectMany(static (found, _) => found.Diagnostics), Report);
        context.RegisterSourceOutput(
            outputs,
            static (production, skeleton) => production.AddSource(skeleton.FileName, SkeletonEmitter.Emit(skeleton)));
        context.RegisterSourceOutput(stubs, static (production, stub) => production.AddSource(stub.FullName.Replace("@", "") + ".g.cs", SkeletonEmitter.EmitStub(stub)));
    }

    internal static bool IsCarrier(AdditionalText file, AnalyzerConfigOptionsProvider options)
        => options.GetOptions(file).TryGetValue(ItemGroupKey, out string? group)
            && string.Equals(group, CarrierItemGroup, StringComparison.OrdinalIgnoreCase);

    // A file that was removed gives null; a file that is not text throws, because the compiler decodes it only now.
    internal static string? ReadText(AdditionalText file, CancellationToken stop)
    {
        try
        {
            return file.GetText(stop)?.ToString();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Report(SourceProductionContext production, DiagnosticInfo diagnostic)
        => production.ReportDiagnostic(diagnostic.ToDiagnostic());
}
