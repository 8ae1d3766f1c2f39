using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Base class of the fixes: one change of one document, which can be applied everywhere at once.</summary>
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

    /// <summary>Returns the change; null when there is none for this place.</summary>
    private protected abstract Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop);

    /// <summary>Returns the call at a place.</summary>
    private protected static InvocationExpressionSyntax? CallAt(SyntaxNode place) => place.FirstAncestorOrSelf<InvocationExpressionSyntax>();

    /// <summary>A change of a document.</summary>
    /// <param name="Title">What the editor offers.</param>
    /// <param name="Root">The document after the change.</param>
    private protected sealed record Change(string Title, SyntaxNode Root);
}
