using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Puts a loaded or opened object into a variable that is disposed at the end of its scope.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class DisposeFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public DisposeFix()
        : base(UsageIds.NotDisposed, UsageIds.OwnerNotKept)
    {
    }

    private protected override async Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        if (CallAt(place) is not { } call
            || call.FirstAncestorOrSelf<StatementSyntax>() is not { } statement
            || !Statements.IsInList(statement)
            || await document.GetSemanticModelAsync(stop).ConfigureAwait(false) is not { } model
            || model.GetTypeInfo(call, stop).Type is not { } type)
        {
            return null;
        }

        bool waits = Statements.IsAsync(call) && type.AllInterfaces.Any(static implemented => implemented.Name == "IAsyncDisposable");
        string keyword = waits ? "await using" : "using";
        string title = $"Dispose it at the end of the scope ({keyword})";
        if (statement is LocalDeclarationStatementSyntax { Declaration.Variables: { Count: 1 } variables } declaration && variables[0].Initializer?.Value == call)
        {
            return declaration.UsingKeyword.IsKind(SyntaxKind.None) ? new Change(title, root.ReplaceNode(declaration, WithUsing(declaration, waits))) : null;
        }

        string name = Statements.FreeName(root, NameFor(type));
        StatementSyntax kept = Statements.Parse($"{keyword} var {name} = {call.WithoutTrivia()};");
        bool isWhole = statement is ExpressionStatementSyntax { Expression: { } expression }
            && (expression == call || expression is AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "_" } } discard && discard.Right == call);
        if (isWhole)
        {
            return new Change(title, root.ReplaceNode(statement, kept.WithTriviaFrom(statement)));
        }

        // The chain of calls continues, so it then begins with the variable.
        SyntaxNode tracked = root.TrackNodes(statement, call);
        tracked = tracked.ReplaceNode(tracked.GetCurrentNode(call)!, SyntaxFactory.IdentifierName(name).WithTriviaFrom(call));
        return new Change(title, Statements.Before(tracked, tracked.GetCurrentNode(statement)!, kept));
    }

    private static LocalDeclarationStatementSyntax WithUsing(LocalDeclarationStatementSyntax declaration, bool waits)
    {
        SyntaxToken @using = SyntaxFactory.Token(SyntaxKind.UsingKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        SyntaxToken await = waits ? SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space) : default;
        return declaration.WithoutLeadingTrivia().WithAwaitKeyword(await).WithUsingKeyword(@using)
            .WithLeadingTrivia(declaration.GetLeadingTrivia()).WithAdditionalAnnotations(Formatter.Annotation);
    }

    private static string NameFor(ITypeSymbol type)
    {
        string name = type.Name.StartsWith("Bpf", StringComparison.Ordinal) && type.Name.Length > 3 ? type.Name.Substring(3) : type.Name;
        string first = char.ToLowerInvariant(name[0]) + name.Substring(1);
        return SyntaxFacts.GetKeywordKind(first) == SyntaxKind.None ? first : first + "1";
    }
}
