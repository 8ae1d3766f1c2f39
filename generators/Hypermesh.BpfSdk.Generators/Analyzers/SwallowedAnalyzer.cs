using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports empty handlers of the library's exceptions. A handler with a comment or a filter is not reported.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SwallowedAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public SwallowedAnalyzer()
        : base(UsageDescriptors.Swallowed)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.CatchClause);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var handler = (ICatchClauseOperation)context.Operation;
        if (handler.Filter is null
            && handler.Handler.Operations.IsEmpty
            && KnownTypes.Is(handler.ExceptionType, types.Exception)
            && handler.Syntax is CatchClauseSyntax { Declaration: { } declaration } clause
            && !clause.DescendantTrivia().Any(static trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.Swallowed, declaration.Type.GetLocation(), handler.ExceptionType.Name));
        }
    }
}
