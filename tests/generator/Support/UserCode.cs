using System.Collections.Immutable;
using Hypermesh.BpfSdk.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>Code of a user of the skeletons <c>Traffic</c> and <c>Jumps</c>, and what the analyzers say of it.</summary>
internal static class UserCode
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Runtime.CompilerServices;
        using System.Threading;
        using System.Threading.Tasks;
        using Carriers.Sample;
        using Hypermesh.Bpf;


        """;

    /// <summary>Every analyzer of the assembly.</summary>
    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
    [
        .. typeof(UsageAnalyzer).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && typeof(DiagnosticAnalyzer).IsAssignableFrom(type))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    public static CarrierFile Traffic { get; } = new("/project/obj/bpf/Traffic.bpf.elf.txt", CarrierFile.TextOf("Rules/Traffic"));

    public static CarrierFile Jumps { get; } = new("/project/obj/bpf/Jumps.bpf.elf.txt", CarrierFile.TextOf("Rules/Jumps"));

    /// <summary>A file of a project: members of a class.</summary>
    public static string File(string members) => $"{Usings}internal static class User\n{{\n{members}\n}}\n";

    /// <summary>The statements of a one-file program.</summary>
    public static string Program(string statements) => Usings + statements + "\n";

    public static CSharpCompilation Compile(string file, params string[] others)
    {
        bool isProgram = !file.Contains("class User", StringComparison.Ordinal);
        CSharpCompilation user = Compilations.Of([file, .. others]);
        user = user.WithOptions(user.Options
            .WithGeneralDiagnosticOption(ReportDiagnostic.Default)
            .WithOutputKind(isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary));
        return GeneratorRun.Of([Traffic, Jumps], user).Whole();
    }

    /// <summary>What all analyzers say of a compilation, in order of place. Errors of the compiler fail the test.</summary>
    public static async Task<ImmutableArray<Diagnostic>> Analyze(CSharpCompilation whole, params AdditionalText[] files)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        Assert.Empty(whole.GetDiagnostics(stop).Where(found => found.Severity == DiagnosticSeverity.Error));
        return await AnalyzeAsItIs(whole, [Traffic, Jumps, .. files]);
    }

    /// <summary>The same for code that need not compile whole.</summary>
    public static async Task<ImmutableArray<Diagnostic>> AnalyzeAsItIs(CSharpCompilation whole, ImmutableArray<AdditionalText> files)
    {
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions(files, new CarrierOptions()), onAnalyzerException: (exception, _, _) => Assert.Fail(exception.ToString()), concurrentAnalysis: true, logAnalyzerExecutionTime: false);
        ImmutableArray<Diagnostic> all = await whole.WithAnalyzers(Analyzers, options).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        return [.. all.OrderBy(found => found.Location.SourceSpan.Start).ThenBy(found => found.Id, StringComparer.Ordinal)];
    }

    /// <summary>What is said of members of a class, each as <c>id: the code told</c>.</summary>
    public static async Task<string[]> Told(string file)
        => [.. (await Analyze(Compile(file))).Select(Text)];

    public static string Text(Diagnostic found)
        => $"{found.Id}: {found.Location.SourceTree!.ToString().AsSpan(found.Location.SourceSpan.Start, found.Location.SourceSpan.Length)}";
}
