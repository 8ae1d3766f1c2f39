using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Removes the variable of a link, because the live object keeps the link.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class KeepLinkFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public KeepLinkFix()
        : base(UsageIds.DetachedAtOnce)
    {
    }

    private protected override Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        StatementSyntax? statement = place.FirstAncestorOrSelf<StatementSyntax>(static node => node is LocalDeclarationStatementSyntax or UsingStatementSyntax);
        Change? change = CallAt(place) is { } call && statement is not null
            ? new Change("Let the live object keep the link", root.ReplaceNode(statement, Statements.Parse($"{call.WithoutTrivia()};").WithTriviaFrom(statement)))
            : null;
        return Task.FromResult(change);
    }
}
