using System.Collections.Immutable;
using Hypermesh.BpfSdk.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>The generator in a driver that can be run again after an edit.</summary>
internal sealed class GeneratorRun
{
    private GeneratorRun(GeneratorDriver driver, CSharpCompilation compilation)
    {
        Driver = driver;
        Compilation = compilation;
    }

    public GeneratorDriver Driver { get; }

    /// <summary>The user's part of the compilation.</summary>
    public CSharpCompilation Compilation { get; }

    public GeneratorRunResult Result => Driver.GetRunResult().Results.Single();

    public ImmutableArray<Diagnostic> Diagnostics => Result.Diagnostics;

    public ImmutableArray<GeneratedSourceResult> Sources => Result.GeneratedSources;

    public static GeneratorRun Of(params string[] carriers) => Of(carriers.Select(CarrierFile.Named));

    public static GeneratorRun Of(IEnumerable<AdditionalText> files) => Of(files, Compilations.Empty());

    public static GeneratorRun Of(IEnumerable<AdditionalText> files, CSharpCompilation compilation)
    {
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new BpfSkeletonGenerator().AsSourceGenerator()],
            files,
            (CSharpParseOptions?)compilation.SyntaxTrees.FirstOrDefault()?.Options ?? Compilations.ParseOptions,
            new CarrierOptions(),
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return new GeneratorRun(driver.RunGenerators(compilation, TestContext.Current.CancellationToken), compilation);
    }

    /// <summary>Runs the same driver over an edited compilation.</summary>
    public GeneratorRun AgainOver(CSharpCompilation compilation)
        => new(Driver.RunGenerators(compilation, TestContext.Current.CancellationToken), compilation);

    /// <summary>Runs the same driver with a file replaced.</summary>
    public GeneratorRun AgainWith(AdditionalText old, AdditionalText replacement)
        => new(Driver.ReplaceAdditionalText(old, replacement).RunGenerators(Compilation, TestContext.Current.CancellationToken), Compilation);

    /// <summary>The user's code and the generated code together.</summary>
    public CSharpCompilation Whole()
        => Compilation.AddSyntaxTrees(Driver.GetRunResult().GeneratedTrees);
}
