using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Reads and removes all entries into a batch, and enumerates the batch.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class TakeAllFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public TakeAllFix()
        : base(UsageIds.ReadThenRemoved)
    {
    }

    private protected override async Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        // Only where every entry is removed: a removal in a condition removes some of them.
        if (CallAt(place) is not { Parent: ExpressionStatementSyntax removal }
            || removal.FirstAncestorOrSelf<CommonForEachStatementSyntax>() is not { } loop
            || removal.Parent != loop.Statement
            || !Statements.IsInList(loop)
            || await document.GetSemanticModelAsync(stop).ConfigureAwait(false) is not { } model
            || ArgumentsOf(model.GetTypeInfo(loop.Expression, stop).Type) is not { } map)
        {
            return null;
        }

        string batch = Statements.FreeName(root, "batch");
        string type = map.Name.Contains("PerCpu") ? "BpfPerCpuMapBatch" : "BpfMapBatch";
        string arguments = string.Join(", ", map.BaseType!.TypeArguments.Select(argument => argument.ToMinimalDisplayString(model, loop.SpanStart)));
        SyntaxNode tracked = root.TrackNodes(loop, removal, loop.Expression);
        tracked = Statements.Without(tracked, tracked.GetCurrentNode(removal)!);
        tracked = tracked.ReplaceNode(tracked.GetCurrentNode(loop.Expression)!, SyntaxFactory.IdentifierName(batch));
        tracked = Statements.Before(tracked, tracked.GetCurrentNode<StatementSyntax>(loop)!, Statements.Parse($"var {batch} = new {type}<{arguments}>();"));
        tracked = Statements.Before(tracked, tracked.GetCurrentNode<StatementSyntax>(loop)!, Statements.Parse($"{loop.Expression.WithoutTrivia()}.TakeAll({batch});"));
        return new Change("Read and remove in one call (TakeAll)", tracked);
    }

    private static INamedTypeSymbol? ArgumentsOf(ITypeSymbol? map)
        => map is INamedTypeSymbol { BaseType.TypeArguments.Length: 2 } named ? named : null;
}
