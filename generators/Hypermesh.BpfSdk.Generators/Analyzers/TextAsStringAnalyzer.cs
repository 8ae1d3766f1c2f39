using System.Collections.Immutable;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>
/// Reports a text of the C (<c>Text16</c>) that is used as a string: compared by a method that takes objects, which compiles and is never true; and, with what to write, where the compiler reports
/// that one is not the other.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TextAsStringAnalyzer : UsageAnalyzer
{
    private const string Comparison = "Equals";

    /// <summary>Creates the analyzer.</summary>
    public TextAsStringAnalyzer()
        : base(UsageDescriptors.TextAsString)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        context.RegisterOperationAction(operation => AnalyzeCall(operation, types), OperationKind.Invocation);
        context.RegisterOperationAction(operation => AnalyzeConversion(operation, types), OperationKind.Conversion);
        context.RegisterSyntaxNodeAction(node => AnalyzeOperator(node, types), SyntaxKind.EqualsExpression, SyntaxKind.NotEqualsExpression);
        context.RegisterSyntaxNodeAction(node => AnalyzeArgument(node, types), SyntaxKind.Argument);
    }

    private static void AnalyzeConversion(OperationAnalysisContext context, KnownTypes types)
    {
        var conversion = (IConversionOperation)context.Operation;
        if (conversion.GetConversion().Exists || conversion.Operand is not { } operand)
        {
            return;
        }

        string written = operand.Syntax.ToString();
        if (IsText(operand.Type, types) && conversion.Type?.SpecialType == SpecialType.System_String)
        {
            Report(context.ReportDiagnostic, operand.Syntax, written, $"{written}.ToString()");
        }
        else if (IsText(conversion.Type, types) && operand.Type?.SpecialType == SpecialType.System_String)
        {
            Report(context.ReportDiagnostic, operand.Syntax, conversion.Type!.Name, $"new {conversion.Type.Name}({(operand.Syntax is LiteralExpressionSyntax ? written + "u8" : $"Encoding.UTF8.GetBytes({written})")})");
        }
    }

    private static void AnalyzeOperator(SyntaxNodeAnalysisContext context, KnownTypes types)
    {
        var comparison = (BinaryExpressionSyntax)context.Node;
        ITypeSymbol? left = TypeOf(comparison.Left), right = TypeOf(comparison.Right);
        if ((IsText(left, types) && right?.SpecialType == SpecialType.System_String) || (IsText(right, types) && left?.SpecialType == SpecialType.System_String))
        {
            (ExpressionSyntax text, ExpressionSyntax other) = IsText(left, types) ? (comparison.Left, comparison.Right) : (comparison.Right, comparison.Left);
            Report(context.ReportDiagnostic, comparison, text.ToString(), $"{(comparison.IsKind(SyntaxKind.NotEqualsExpression) ? "!" : "")}{text}.Equals({other})");
        }

        ITypeSymbol? TypeOf(ExpressionSyntax expression) => context.SemanticModel.GetTypeInfo(expression, context.CancellationToken).Type;
    }

    // Of a call that the compiler does not find. A conversion exists only where it has chosen a method.
    private static void AnalyzeArgument(SyntaxNodeAnalysisContext context, KnownTypes types)
    {
        var argument = (ArgumentSyntax)context.Node;
        if (argument.Parent is not ArgumentListSyntax { Parent: ExpressionSyntax call } list || !IsText(context.SemanticModel.GetTypeInfo(argument.Expression, context.CancellationToken).Type, types))
        {
            return;
        }

        SymbolInfo found = context.SemanticModel.GetSymbolInfo(call, context.CancellationToken);
        int position = list.Arguments.IndexOf(argument);
        if (found.Symbol is null && found.CandidateSymbols.OfType<IMethodSymbol>().Any(method => position < method.Parameters.Length && method.Parameters[position].Type.SpecialType == SpecialType.System_String))
        {
            Report(context.ReportDiagnostic, argument, argument.ToString(), $"{argument.Expression}.ToString()");
        }
    }

    private static void Report(Action<Diagnostic> report, SyntaxNode place, string text, string remedy)
        => report(Diagnostic.Create(UsageDescriptors.TextAsString, place.GetLocation(), $"'{text}' is a text of the C, not a string. Write {remedy}"));

    private static void AnalyzeCall(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not (Comparison or nameof(ReferenceEquals)) || !call.TargetMethod.Parameters.All(static parameter => parameter.Type.SpecialType == SpecialType.System_Object))
        {
            return;
        }

        ImmutableArray<IOperation> operands = [.. call.Arguments.Select(static argument => argument.Value).Prepend(call.Instance).OfType<IOperation>().Select(OperationTree.Unwrap)];
        if (operands.Length == 2 && operands.FirstOrDefault(operand => IsText(operand.Type, types)) is { } text && operands.FirstOrDefault(static operand => operand.Type?.SpecialType == SpecialType.System_String) is { } other)
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.TextAsString, call.Syntax.GetLocation(), $"'{text.Syntax}' is a text of the C, not a string, and this comparison takes objects, so it is never true. Write {text.Syntax}.Equals({other.Syntax})"));
        }
    }

    private static bool IsText(ITypeSymbol? type, KnownTypes types)
        => type is { IsValueType: true } && types.IsInSkeleton(type)
            && type.GetMembers(Comparison).OfType<IMethodSymbol>().Any(static method => method.Parameters.Length == 1 && method.Parameters[0].Type.SpecialType == SpecialType.System_String);
}
