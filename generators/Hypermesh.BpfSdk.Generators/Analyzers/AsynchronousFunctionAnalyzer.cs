using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>
/// Reports asynchronous functions that the library calls synchronously: handlers of records, and functions that set a spec. The compiler rejects an async handler without
/// a remedy, and accepts the others.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AsynchronousFunctionAnalyzer : UsageAnalyzer
{
    private const string Handler = "'Consume' calls its handler and does not wait for a task: a record is valid only until the handler returns. Copy what is needed within it,"
        + " or await in a loop, as in await foreach (var record in ring.ReadAllAsync(stop))";

    private const string Setting = "'Open' calls this function and does not wait for a task: what it sets after an await comes too late. Await before 'Open', and set the spec without await";

    /// <summary>Creates the analyzer.</summary>
    public AsynchronousFunctionAnalyzer()
        : base(UsageDescriptors.AsynchronousFunction)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterSyntaxNodeAction(
            node => Analyze(node, types), SyntaxKind.ParenthesizedLambdaExpression, SyntaxKind.SimpleLambdaExpression, SyntaxKind.AnonymousMethodExpression);

    private static void Analyze(SyntaxNodeAnalysisContext context, KnownTypes types)
    {
        var function = (AnonymousFunctionExpressionSyntax)context.Node;
        if (function.Parent is not ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } || !IsAsynchronous(function, context))
        {
            return;
        }

        SymbolInfo found = context.SemanticModel.GetSymbolInfo(call, context.CancellationToken);
        ISymbol? method = found.Symbol ?? found.CandidateSymbols.FirstOrDefault();
        string? advice = method?.Name switch
        {
            "Consume" when types.IsRing(method.ContainingType) => Handler,
            "Open" when KnownTypes.Is(method.ContainingType, types.Skeleton) => Setting,
            _ => null,
        };
        if (advice is not null)
        {
            Location place = function.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword) ? function.AsyncKeyword.GetLocation() : function.Body.GetLocation();
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.AsynchronousFunction, place, advice));
        }
    }

    // async, or an expression whose task is ignored.
    private static bool IsAsynchronous(AnonymousFunctionExpressionSyntax function, SyntaxNodeAnalysisContext context)
        => function.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword)
            || (function.ExpressionBody is InvocationExpressionSyntax body
                && context.SemanticModel.GetTypeInfo(body, context.CancellationToken).Type is
                { Name: "Task" or "ValueTask", ContainingNamespace: { Name: "Tasks", ContainingNamespace.Name: "Threading" } });
}
