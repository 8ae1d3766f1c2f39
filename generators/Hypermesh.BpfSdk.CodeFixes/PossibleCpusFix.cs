using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Replaces the process's CPU count by the kernel's list of possible CPUs.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class PossibleCpusFix : UsageFix
{
    private const string Title = "Use the kernel's possible CPUs";

    /// <summary>Creates the fix.</summary>
    public PossibleCpusFix()
        : base(UsageIds.ProcessorCount)
    {
    }

    private protected override Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        var count = place as MemberAccessExpressionSyntax ?? place.FirstAncestorOrSelf<MemberAccessExpressionSyntax>();
        if (count is null)
        {
            return Task.FromResult<Change?>(null);
        }

        if (count.FirstAncestorOrSelf<ForStatementSyntax>() is { } loop && loop.Condition is { } condition && condition.Span.Contains(count.Span))
        {
            return Task.FromResult(LoopOver(root, loop));
        }

        // A size must include the last CPU number, because there may be gaps.
        ExpressionSyntax size = SyntaxFactory.ParseExpression("(PossibleCpus.Current.Numbers[^1] + 1)").WithTriviaFrom(count);
        return Task.FromResult<Change?>(new Change(Title, root.ReplaceNode(count, size)));
    }

    // Only for (int cpu = 0; cpu < …; cpu++).
    private static Change? LoopOver(SyntaxNode root, ForStatementSyntax loop)
        => loop.Declaration is { Variables: { Count: 1 } variables }
            && variables[0].Initializer?.Value is LiteralExpressionSyntax { Token.ValueText: "0" }
            && loop.Incrementors is { Count: 1 } incrementors
            && incrementors[0].IsKind(SyntaxKind.PostIncrementExpression) | incrementors[0].IsKind(SyntaxKind.PreIncrementExpression)
            && loop.Condition.IsKind(SyntaxKind.LessThanExpression)
                ? new Change(Title, root.ReplaceNode(loop, Over(loop, variables[0].Identifier)))
                : null;

    private static ForEachStatementSyntax Over(ForStatementSyntax loop, SyntaxToken cpu)
        => SyntaxFactory.ForEachStatement(
                SyntaxFactory.PredefinedType(SyntaxFactory.Token(SyntaxKind.IntKeyword)), cpu.WithoutTrivia(),
                SyntaxFactory.ParseExpression("PossibleCpus.Current.Numbers"), loop.Statement)
            .WithLeadingTrivia(loop.GetLeadingTrivia()).WithAdditionalAnnotations(Formatter.Annotation);
}
