using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Removes the second attach.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class RemoveAttachFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public RemoveAttachFix()
        : base(UsageIds.AttachedTwice)
    {
    }

    private protected override Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        Change? change = place.FirstAncestorOrSelf<ExpressionStatementSyntax>() is { Expression: InvocationExpressionSyntax } statement && Statements.IsInList(statement)
            ? new Change("Attach it once", Statements.Without(root, statement))
            : null;
        return Task.FromResult(change);
    }
}
