using Hypermesh.Bpf.Objects.Compatibility;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Parsing;
using Hypermesh.BpfSdk.Skeletons.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>What generated code needs of the library, and what it implements for it: an assembly that was built with one version of the SDK calls it in another version of the library.</summary>
public sealed class ContractTests
{
    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.CSharpErrorMessageFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeRef)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeParamsRefOut)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    [Fact]
    public void The_members_that_generated_code_uses_and_implements_are_those_of_the_ABI()
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        var implemented = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string carrier in CompilationTests.Carriers.Select(static row => row.Data))
        {
            GeneratorRun run = GeneratorRun.Of(carrier);
            CSharpCompilation whole = run.Whole();
            foreach (SyntaxTree tree in run.Driver.GetRunResult().GeneratedTrees)
            {
                SemanticModel model = whole.GetSemanticModel(tree);
                SyntaxNode[] nodes = [.. tree.GetRoot(TestContext.Current.CancellationToken).DescendantNodes()];
                used.UnionWith(nodes
                    .Where(static node => node is ExpressionSyntax or ConstructorInitializerSyntax)
                    .Select(node => model.GetSymbolInfo(node, TestContext.Current.CancellationToken).Symbol?.OriginalDefinition)
                    .Where(static symbol => symbol is not INamespaceSymbol && IsOfLibrary(symbol))
                    .Select(static symbol => symbol!.ToDisplayString(s_format)));
                implemented.UnionWith(nodes
                    .OfType<TypeDeclarationSyntax>()
                    .SelectMany(node => ToImplement(model.GetDeclaredSymbol(node, TestContext.Current.CancellationToken)!))
                    .Select(static member => member.ToDisplayString(s_format)));
            }
        }

        // The classes of maps and programs are chosen by tables, of which the carriers do not use every row.
        used.UnionWith(Enum.GetValues<BpfMapType>().Select(static type => $"Hypermesh.Bpf.{MapClasses.Find(type).Name}"));
        used.UnionWith(Enum.GetValues<AttachKind>().Select(static kind => ProgramClasses.Find(kind)["global::".Length..]));
        Assert.NotEmpty(implemented);
        GoldenFile.Check(
            "Contract",
            $"skeleton ABI {SkeletonAbi.Current}, runs from {SkeletonAbi.Oldest}\n\ngenerated code uses\n{string.Join('\n', used)}\n\ngenerated code implements\n{string.Join('\n', implemented)}\n");
    }

    // What a generated type must have because of its interfaces and base classes: one more member there, and an assembly that was generated before does not load.
    private static IEnumerable<ISymbol> ToImplement(INamedTypeSymbol type)
        => type.AllInterfaces.Concat(BasesOf(type))
            .Where(IsOfLibrary)
            .SelectMany(static owner => owner.OriginalDefinition.GetMembers())
            .Where(static member => member.IsAbstract && member is not INamedTypeSymbol);

    private static IEnumerable<INamedTypeSymbol> BasesOf(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? one = type.BaseType; one is not null; one = one.BaseType)
        {
            yield return one;
        }
    }

    private static bool IsOfLibrary(ISymbol? symbol) => symbol?.ContainingAssembly?.Name is "Hypermesh.Bpf" or "Hypermesh.Bpf.Objects";
}
