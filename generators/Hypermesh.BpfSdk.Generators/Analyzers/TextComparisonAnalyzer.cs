using System.Collections.Immutable;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports a text of the C (<c>Text16</c>) that is compared with a string by a method that takes objects: it compiles, and is never true.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TextComparisonAnalyzer : UsageAnalyzer
{
    private const string Comparison = "Equals";

    /// <summary>Creates the analyzer.</summary>
    public TextComparisonAnalyzer()
        : base(UsageDescriptors.TextAsObject)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not (Comparison or nameof(ReferenceEquals)) || !call.TargetMethod.Parameters.All(static parameter => parameter.Type.SpecialType == SpecialType.System_Object))
        {
            return;
        }

        ImmutableArray<IOperation> operands = [.. call.Arguments.Select(static argument => argument.Value).Prepend(call.Instance).OfType<IOperation>().Select(OperationTree.Unwrap)];
        if (operands.Length == 2 && operands.FirstOrDefault(operand => IsText(operand.Type, types)) is { } text && operands.FirstOrDefault(static operand => operand.Type?.SpecialType == SpecialType.System_String) is { } other)
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.TextAsObject, call.Syntax.GetLocation(), text.Syntax.ToString(), other.Syntax.ToString()));
        }
    }

    private static bool IsText(ITypeSymbol? type, KnownTypes types)
        => type is { IsValueType: true } && types.IsInSkeleton(type)
            && type.GetMembers(Comparison).OfType<IMethodSymbol>().Any(static method => method.Parameters.Length == 1 && method.Parameters[0].Type.SpecialType == SpecialType.System_String);
}
