using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports live objects that are not disposed, and owners of links that are not kept. A value that is returned, stored or passed on is not reported.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OwnershipAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public OwnershipAnalyzer()
        : base(UsageDescriptors.NotDisposed, UsageDescriptors.OwnerNotKept)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!Creation.IsOf(call, types))
        {
            return;
        }

        IOperation owned = Creation.OwnedBy(call);
        switch (OperationTree.UserOf(owned, out IOperation operand))
        {
            case IExpressionStatementOperation:
            case ISimpleAssignmentOperation { Target: IDiscardOperation }:
                Report(types.IsLinkOwner(call.Type) ? UsageDescriptors.OwnerNotKept : UsageDescriptors.NotDisposed);
                break;
            case IInvocationOperation next when next.Instance == operand && next.TargetMethod.Name is not ("Dispose" or "DisposeAsync"):
            case IMemberReferenceOperation member when member.Instance == operand:
                Report(UsageDescriptors.OwnerNotKept);
                break;
            case IVariableInitializerOperation or ISimpleAssignmentOperation
                when Creation.LocalOf(owned, out bool isUsing) is { } local && !isUsing && !IsGivenAway(local, call):
                Report(types.IsLinkOwner(call.Type) ? UsageDescriptors.OwnerNotKept : UsageDescriptors.NotDisposed);
                break;
            default:
                break;
        }

        void Report(DiagnosticDescriptor descriptor) => context.ReportDiagnostic(Diagnostic.Create(
            descriptor,
            OperationTree.NameOf(call),
            KnownTypes.Is(call.TargetMethod.ContainingType, types.Statistics) ? "The result of Enable" : $"'{call.Type?.Name}'"));
    }

    private static bool IsGivenAway(ILocalSymbol local, IOperation call)
        => VariableUse.Of(local, OperationTree.RootOf(call)).Any(use => use.Kind is VariableUseKind.Disposed or VariableUseKind.Escapes);
}
