using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports per-CPU values of a batch that are stored in a collection, or in a variable that outlives the loop: they are views, not copies.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ViewKeptAnalyzer : UsageAnalyzer
{
    private static readonly HashSet<string> s_keeps = new(StringComparer.Ordinal) { "Add", "TryAdd", "Enqueue", "Push", "Insert", "AddLast", "AddFirst" };

    private static readonly HashSet<string> s_copies = new(StringComparer.Ordinal) { "ToList", "ToArray", "ToDictionary", "ToHashSet", "ToLookup" };

    /// <summary>Creates the analyzer.</summary>
    public ViewKeptAnalyzer()
        : base(UsageDescriptors.ViewKept)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        context.RegisterOperationAction(operation => AnalyzeLoop(operation, types), OperationKind.Loop);
        context.RegisterOperationAction(operation => AnalyzeCall(operation, types), OperationKind.Invocation);
    }

    private static void AnalyzeLoop(OperationAnalysisContext context, KnownTypes types)
    {
        if (context.Operation is not IForEachLoopOperation loop || !KnownTypes.Is(OperationTree.Unwrap(loop.Collection).Type, types.PerCpuBatch))
        {
            return;
        }

        foreach (IOperation operation in OperationTree.OfThisFunction(loop.Body))
        {
            if (KnownTypes.Is(operation.Type, types.PerCpu) && IsOfLoop(operation, loop) && IsKept(operation, loop))
            {
                context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.ViewKept, operation.Syntax.GetLocation(), loop.Collection.Syntax.ToString()));
            }
        }
    }

    private static void AnalyzeCall(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (s_copies.Contains(call.TargetMethod.Name)
            && call.Arguments.Length > 0
            && OperationTree.Unwrap(call.Arguments[0].Value) is { } batch
            && KnownTypes.Is(batch.Type, types.PerCpuBatch))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.ViewKept, OperationTree.NameOf(call), batch.Syntax.ToString()));
        }
    }

    private static bool IsOfLoop(IOperation operation, IForEachLoopOperation loop)
        => operation is ILocalReferenceOperation or IPropertyReferenceOperation { Property.Name: "Value" }
            && OperationTree.VariableOf(operation) is ILocalSymbol local
            && loop.Locals.Contains(local, SymbolEqualityComparer.Default);

    private static bool IsKept(IOperation value, IForEachLoopOperation loop) => OperationTree.UserOf(value, out IOperation operand) switch
    {
        IArgumentOperation { Parent: IInvocationOperation call } => s_keeps.Contains(call.TargetMethod.Name),
        ISimpleAssignmentOperation assignment when assignment.Value == operand => assignment.Target switch
        {
            ILocalReferenceOperation local => !IsDeclaredIn(local.Local, loop),
            IFieldReferenceOperation or IPropertyReferenceOperation or IArrayElementReferenceOperation => true,
            _ => false,
        },
        _ => false,
    };

    private static bool IsDeclaredIn(ILocalSymbol local, IForEachLoopOperation loop)
        => local.DeclaringSyntaxReferences.Any(reference => loop.Syntax.Span.Contains(reference.Span));
}
