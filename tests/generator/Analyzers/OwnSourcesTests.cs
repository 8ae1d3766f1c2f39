using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Generator.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hypermesh.Bpf.Tests.Generator.Analyzers;

/// <summary>The analyzers over what we wrote ourselves: they find nothing, though there is much for them to look at.</summary>
public sealed class OwnSourcesTests
{
    private static readonly string s_repository = Path.GetFullPath(Path.Combine(RulePage.Folder, "../../../.."));

    [Theory]
    [InlineData("src/Hypermesh.Bpf.Monitoring", "Cpu", "Hypermesh.Bpf.Monitoring.Cpu.CpuSkeleton")]
    [InlineData("samples/ExecTrace", "Exec", "ExecTrace.Exec")]
    [InlineData("samples/ExecTraceOneFile", "Exec", "ExecTrace.Exec")]
    [InlineData("samples/RunQueue", "Cpu", "Hypermesh.Bpf.Monitoring.Cpu")]
    [InlineData("src/Hypermesh.Bpf.Tool", "Cpu", "Hypermesh.Bpf.Monitoring.Cpu")]
    public async Task Nothing_is_reported(string folder, string carrier, string skeleton)
    {
        // Under the name that the project gives its skeleton.
        int dot = skeleton.LastIndexOf('.');
        string text = Regex.Replace(CarrierFile.TextOf($"Rules/{carrier}"), "^(namespace|class) .*$", match => $"{match.Groups[1]} {(match.Groups[1].Value == "class" ? skeleton[(dot + 1)..] : skeleton[..dot])}", RegexOptions.Multiline);
        var file = new CarrierFile($"/project/obj/bpf/{carrier}.bpf.elf.txt", text);
        GeneratorRun run = GeneratorRun.Of([file], Compile(folder));
        CSharpCompilation whole = run.Whole();

        // Packages the tests have not are missing here; what is ours must be known.
        INamedTypeSymbol type = whole.GetTypeByMetadataName(skeleton)!;
        Assert.NotNull(type);
        if (folder.Contains(carrier, StringComparison.Ordinal) || folder.EndsWith("Monitoring", StringComparison.Ordinal))
        {
            Assert.True(whole.SyntaxTrees.Take(run.Compilation.SyntaxTrees.Length).Any(tree => Mentions(whole.GetSemanticModel(tree), type)), $"nothing in {folder} uses {skeleton}");
        }

        Assert.Empty(await UserCode.AnalyzeAsItIs(whole, [file]));
        Assert.Empty(run.Diagnostics);
    }

    private static CSharpCompilation Compile(string folder)
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(s_repository, folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)).Select(File.ReadAllText)];
        const string Usings = """
            global using System;
            global using System.Collections.Generic;
            global using System.IO;
            global using System.Linq;
            global using System.Threading;
            global using System.Threading.Tasks;
            global using Hypermesh.Bpf;
            global using ExecTrace;

            namespace ExecTrace { }
            """;
        CSharpCompilation compilation = Compilations.Of([.. files, Usings]);
        return compilation.WithOptions(compilation.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default).WithAllowUnsafe(true).WithOutputKind(OutputKind.ConsoleApplication));
    }

    private static bool Mentions(SemanticModel model, INamedTypeSymbol type)
        => model.SyntaxTree.GetRoot(TestContext.Current.CancellationToken).DescendantNodes()
            .OfType<Microsoft.CodeAnalysis.CSharp.Syntax.IdentifierNameSyntax>()
            .Any(name => SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, TestContext.Current.CancellationToken).Symbol, type));
}
