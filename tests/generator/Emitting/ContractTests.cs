using Hypermesh.Bpf.Objects.Compatibility;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>What generated code needs of the library: an assembly that was built with one version of the SDK calls it in another version of the library.</summary>
public sealed class ContractTests
{
    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.CSharpErrorMessageFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeRef)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeParamsRefOut)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    [Fact]
    public void The_members_that_generated_code_uses_are_those_of_the_ABI()
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string carrier in CompilationTests.Carriers.Select(static row => row.Data))
        {
            GeneratorRun run = GeneratorRun.Of(carrier);
            CSharpCompilation whole = run.Whole();
            foreach (SyntaxTree tree in run.Driver.GetRunResult().GeneratedTrees)
            {
                SemanticModel model = whole.GetSemanticModel(tree);
                used.UnionWith(tree.GetRoot(TestContext.Current.CancellationToken).DescendantNodes()
                    .Where(static node => node is ExpressionSyntax or ConstructorInitializerSyntax)
                    .Select(node => model.GetSymbolInfo(node, TestContext.Current.CancellationToken).Symbol?.OriginalDefinition)
                    .Where(static symbol => symbol is not INamespaceSymbol && symbol?.ContainingAssembly?.Name is "Hypermesh.Bpf" or "Hypermesh.Bpf.Objects")
                    .Select(static symbol => symbol!.ToDisplayString(s_format)));
            }
        }

        // The classes of maps and programs are chosen by tables, of which the carriers do not use every row.
        used.UnionWith(Enum.GetValues<BpfMapType>().Select(static type => $"Hypermesh.Bpf.{MapClasses.Find(type).Name}"));
        used.UnionWith(Enum.GetValues<AttachKind>().Select(static kind => ProgramClasses.Find(kind)["global::".Length..]));
        GoldenFile.Check("Contract", $"skeleton ABI {SkeletonAbi.Current}, runs from {SkeletonAbi.Oldest}\n\n{string.Join('\n', used)}\n");
    }
}
