using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hypermesh.Bpf.Tests.Generator;

/// <summary>What is computed again after an edit: nothing that the edit did not touch.</summary>
public sealed class IncrementalTests
{
    private static readonly string[] s_allSteps =
    [
        TrackingNames.CarrierFiles, TrackingNames.Models, TrackingNames.Skeletons, TrackingNames.Duplicates, TrackingNames.Outputs,
    ];

    [Fact]
    public void An_unrelated_edit_of_CSharp_computes_nothing()
    {
        CSharpCompilation before = Compilations.Of("internal static class User { }");
        GeneratorRun first = GeneratorRun.Of([CarrierFile.Named("Events"), CarrierFile.Named("Layouts")], before);
        CSharpCompilation after = before.ReplaceSyntaxTree(
            before.SyntaxTrees[0],
            CSharpSyntaxTree.ParseText("internal static class User { internal static int Edited => 1; }", Compilations.ParseOptions, cancellationToken: TestContext.Current.CancellationToken));

        GeneratorRun second = first.AgainOver(after);

        Assert.All(s_allSteps, step => Assert.All(ReasonsOf(second, step), AssertNotComputed));
        Assert.All(OutputReasonsOf(second), AssertNotComputed);
        Assert.Equal(first.Sources.Select(source => source.SourceText.ToString()), second.Sources.Select(source => source.SourceText.ToString()));
    }

    [Fact]
    public void The_same_bytes_in_a_new_file_give_the_same_model()
    {
        CarrierFile file = CarrierFile.Named("Events");

        GeneratorRun second = GeneratorRun.Of([file]).AgainWith(file, CarrierFile.Named("Events"));

        Assert.Equal([IncrementalStepRunReason.Modified], ReasonsOf(second, TrackingNames.CarrierFiles));
        Assert.Equal([IncrementalStepRunReason.Unchanged], ReasonsOf(second, TrackingNames.Models));
        Assert.All(OutputReasonsOf(second), AssertNotComputed);
    }

    [Fact]
    public void Other_bytes_that_mean_the_same_give_the_same_model()
    {
        CarrierFile file = CarrierFile.Named("Events");
        string text = CarrierFile.TextOf("Events").Replace("class Events\n", "class Events\nnews of tomorrow\n", StringComparison.Ordinal);

        GeneratorRun second = GeneratorRun.Of([file]).AgainWith(file, new CarrierFile(file.Path, text));

        Assert.Equal([IncrementalStepRunReason.Unchanged], ReasonsOf(second, TrackingNames.Models));
        Assert.All(OutputReasonsOf(second), AssertNotComputed);
    }

    [Fact]
    public void An_edit_of_one_program_leaves_the_other_alone()
    {
        CarrierFile events = CarrierFile.Named("Events");
        string renamed = CarrierFile.TextOf("Events").Replace("class Events", "class Renamed", StringComparison.Ordinal);

        GeneratorRun second = GeneratorRun.Of([events, CarrierFile.Named("Layouts")]).AgainWith(events, new CarrierFile(events.Path, renamed));

        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], ReasonsOf(second, TrackingNames.Models).Order());
        Assert.All(ReasonsOf(second, TrackingNames.Duplicates), AssertNotComputed);
        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], ReasonsOf(second, TrackingNames.Outputs).Order());
        Assert.Equal(["Carriers.Sample.Layouts.g.cs", "Carriers.Sample.Renamed.g.cs"], second.Sources.Select(source => source.HintName).Order());
    }

    [Fact]
    public void A_broken_program_leaves_no_bindings_of_the_good_one_behind()
    {
        CarrierFile file = CarrierFile.Named("Events");

        GeneratorRun second = GeneratorRun.Of([file]).AgainWith(file, new CarrierFile(file.Path, null));

        Assert.Empty(second.Sources);
        Assert.Equal("HMBPF2001", Assert.Single(second.Diagnostics).Id);
    }

    [Fact]
    public void The_model_holds_nothing_of_the_compilation()
    {
        GeneratorRun run = GeneratorRun.Of("Events", "Layouts", "Sums", "Clashes");
        IEnumerable<object> kept = s_allSteps.Skip(1)
            .SelectMany(step => run.Result.TrackedSteps[step])
            .SelectMany(step => step.Outputs)
            .Select(output => output.Value);

        ObjectGraph.AssertPlain(kept);
    }

    private static IEnumerable<IncrementalStepRunReason> ReasonsOf(GeneratorRun run, string step)
        => run.Result.TrackedSteps[step].SelectMany(tracked => tracked.Outputs).Select(output => output.Reason);

    private static IEnumerable<IncrementalStepRunReason> OutputReasonsOf(GeneratorRun run)
        => run.Result.TrackedOutputSteps.Values.SelectMany(steps => steps).SelectMany(step => step.Outputs).Select(output => output.Reason);

    private static void AssertNotComputed(IncrementalStepRunReason reason)
        => Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"computed again: {reason}");
}
