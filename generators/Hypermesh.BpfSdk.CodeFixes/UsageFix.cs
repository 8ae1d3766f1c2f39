using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>What the fixes have in common: one change of one document, which can be made everywhere at once.</summary>
public abstract class UsageFix : CodeFixProvider
{
    private protected UsageFix(params string[] ids) => FixableDiagnosticIds = [.. ids];

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root)
        {
            return;
        }

        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SyntaxNode place = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            if (await FindAsync(context.Document, root, place, context.CancellationToken).ConfigureAwait(false) is { } change)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(change.Title, _ => Task.FromResult(context.Document.WithSyntaxRoot(change.Root)), diagnostic.Id), diagnostic);
            }
        }
    }

    /// <summary>The change, null when this place has none.</summary>
    private protected abstract Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop);

    /// <summary>The call a place names.</summary>
    private protected static InvocationExpressionSyntax? CallAt(SyntaxNode place) => place.FirstAncestorOrSelf<InvocationExpressionSyntax>();

    /// <summary>A change of a document.</summary>
    /// <param name="Title">What the editor offers.</param>
    /// <param name="Root">The document afterwards.</param>
    private protected sealed record Change(string Title, SyntaxNode Root);
}
