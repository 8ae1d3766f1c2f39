using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Waits without blocking a thread: await foreach in place of a blocking enumeration, Task.Delay in place of Thread.Sleep.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class WaitFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public WaitFix()
        : base(UsageIds.BlocksAsync)
    {
    }

    private protected override Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        Change? change = CallAt(place) is { Expression: MemberAccessExpressionSyntax access } call
            ? access.Name.Identifier.ValueText switch
            {
                "ToBlockingEnumerable" => AwaitForEach(root, call, access),
                "Sleep" => Delay(root, call),
                _ => null,
            }
            : null;
        return Task.FromResult(change);
    }

    private static Change? AwaitForEach(SyntaxNode root, InvocationExpressionSyntax call, MemberAccessExpressionSyntax access)
        => call.Parent is CommonForEachStatementSyntax loop && loop.Expression == call && loop.AwaitKeyword.IsKind(SyntaxKind.None)
            ? new Change("Wait with await foreach", root.ReplaceNode(loop, Awaited(loop, access.Expression.WithTriviaFrom(call))))
            : null;

    private static CommonForEachStatementSyntax Awaited(CommonForEachStatementSyntax loop, ExpressionSyntax source)
    {
        SyntaxToken await = SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        return ((CommonForEachStatementSyntax)loop.WithoutLeadingTrivia()).WithExpression(source).WithAwaitKeyword(await).WithLeadingTrivia(loop.GetLeadingTrivia());
    }

    private static Change? Delay(SyntaxNode root, InvocationExpressionSyntax call)
        => call.Parent is ExpressionStatementSyntax statement
            ? new Change(
                "Wait with await Task.Delay",
                root.ReplaceNode(statement, Statements.Parse($"await System.Threading.Tasks.Task.Delay{call.ArgumentList};").WithTriviaFrom(statement)
                    .WithAdditionalAnnotations(Microsoft.CodeAnalysis.Simplification.Simplifier.Annotation)))
            : null;
}
