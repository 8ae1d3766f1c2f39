using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Statements as the fixes move and make them. Those of a one-file program stand each in a member of their own.</summary>
internal static class Statements
{
    /// <summary>A statement from its text.</summary>
    public static StatementSyntax Parse(string text)
        => SyntaxFactory.ParseStatement(text).WithAdditionalAnnotations(Formatter.Annotation);

    /// <summary>What to replace or insert beside: the statement, or the member it is all of.</summary>
    public static SyntaxNode Unit(StatementSyntax statement)
        => statement.Parent is GlobalStatementSyntax global ? global : statement;

    /// <summary>The statement in the form its neighbours have.</summary>
    public static SyntaxNode Like(StatementSyntax neighbour, StatementSyntax statement)
        => neighbour.Parent is GlobalStatementSyntax ? SyntaxFactory.GlobalStatement(statement).WithAdditionalAnnotations(Formatter.Annotation) : statement;

    /// <summary>True for a statement that has others before and after it, so that one more may be put there.</summary>
    public static bool IsInList(StatementSyntax? statement)
        => statement?.Parent is BlockSyntax or GlobalStatementSyntax or SwitchSectionSyntax;

    /// <summary>Puts a statement before another, on a line of its own.</summary>
    public static SyntaxNode Before(SyntaxNode root, StatementSyntax statement, StatementSyntax added)
        => root.InsertNodesBefore(Unit(statement), [Like(statement, OnOwnLine(statement, added))]);

    /// <summary>Puts a statement behind another.</summary>
    public static SyntaxNode After(SyntaxNode root, StatementSyntax statement, StatementSyntax added)
        => root.InsertNodesAfter(Unit(statement), [Like(statement, OnOwnLine(statement, added))]);

    /// <summary>Takes a statement out.</summary>
    public static SyntaxNode Without(SyntaxNode root, StatementSyntax statement)
        => root.RemoveNode(Unit(statement), SyntaxRemoveOptions.KeepUnbalancedDirectives)!;

    /// <summary>True where await may stand: in an asynchronous function, or among the statements of a one-file program.</summary>
    public static bool IsAsync(SyntaxNode node)
    {
        foreach (SyntaxNode ancestor in node.Ancestors())
        {
            switch (ancestor)
            {
                case AnonymousFunctionExpressionSyntax lambda:
                    return lambda.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case LocalFunctionStatementSyntax local:
                    return local.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MethodDeclarationSyntax method:
                    return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case GlobalStatementSyntax:
                    return true;
                default:
                    break;
            }
        }

        return false;
    }

    /// <summary>A name that no variable in sight has.</summary>
    public static string FreeName(SyntaxNode root, string wanted)
    {
        var taken = new HashSet<string>(root.DescendantTokens().Where(static token => token.IsKind(SyntaxKind.IdentifierToken)).Select(static token => token.ValueText), StringComparer.Ordinal);
        string name = wanted;
        for (int next = 2; taken.Contains(name); next++)
        {
            name = wanted + next;
        }

        return name;
    }

    private static StatementSyntax OnOwnLine(StatementSyntax like, StatementSyntax statement)
    {
        SyntaxTriviaList indentation = SyntaxFactory.TriviaList(like.GetLeadingTrivia().Where(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)).Take(1));
        return statement.WithLeadingTrivia(indentation).WithTrailingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed);
    }
}
