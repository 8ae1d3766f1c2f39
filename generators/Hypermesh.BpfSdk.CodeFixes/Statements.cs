using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Moves and creates statements for the fixes. In a one-file program each statement is in a member of its own.</summary>
internal static class Statements
{
    /// <summary>Parses a statement.</summary>
    public static StatementSyntax Parse(string text)
        => SyntaxFactory.ParseStatement(text).WithAdditionalAnnotations(Formatter.Annotation);

    /// <summary>Returns the node to replace or to insert beside: the statement, or the member that consists of it.</summary>
    public static SyntaxNode Unit(StatementSyntax statement)
        => statement.Parent is GlobalStatementSyntax global ? global : statement;

    /// <summary>Returns the statement in the form of its neighbours.</summary>
    public static SyntaxNode Like(StatementSyntax neighbour, StatementSyntax statement)
        => neighbour.Parent is GlobalStatementSyntax ? SyntaxFactory.GlobalStatement(statement).WithAdditionalAnnotations(Formatter.Annotation) : statement;

    /// <summary>Returns true for a statement in a list of statements, where another one can be inserted.</summary>
    public static bool IsInList(StatementSyntax? statement)
        => statement?.Parent is BlockSyntax or GlobalStatementSyntax or SwitchSectionSyntax;

    /// <summary>Inserts a statement before another, on a line of its own.</summary>
    public static SyntaxNode Before(SyntaxNode root, StatementSyntax statement, StatementSyntax added)
        => root.InsertNodesBefore(Unit(statement), [Like(statement, OnOwnLine(statement, added))]);

    /// <summary>Inserts a statement after another.</summary>
    public static SyntaxNode After(SyntaxNode root, StatementSyntax statement, StatementSyntax added)
        => root.InsertNodesAfter(Unit(statement), [Like(statement, OnOwnLine(statement, added))]);

    /// <summary>Removes a statement.</summary>
    public static SyntaxNode Without(SyntaxNode root, StatementSyntax statement)
        => root.RemoveNode(Unit(statement), SyntaxRemoveOptions.KeepUnbalancedDirectives)!;

    /// <summary>Returns true where await is allowed: in an asynchronous function, or among the statements of a one-file program.</summary>
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

    /// <summary>Returns a name that no variable in scope has.</summary>
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
