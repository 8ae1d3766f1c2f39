using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports the ID of this process where it is passed to a program, or compared with an ID that a program sent.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ProcessIdAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public ProcessIdAnalyzer()
        : base(UsageDescriptors.NamespacedProcessId)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.PropertyReference);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var id = (IPropertyReferenceOperation)context.Operation;
        if (IsProcessId(id) && Partner(id) is { } partner && IsOfProgram(partner, types))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.NamespacedProcessId, id.Syntax.GetLocation(), id.Syntax.ToString()));
        }
    }

    private static bool IsProcessId(IPropertyReferenceOperation id) => id.Property switch
    {
        { Name: "ProcessId", ContainingType: { Name: "Environment", ContainingNamespace.Name: "System" } } => true,
        { Name: "Id", ContainingType: { Name: "Process", ContainingNamespace.Name: "Diagnostics" } }
            => id.Instance is { } process && OperationTree.Unwrap(process) is IInvocationOperation { TargetMethod.Name: "GetCurrentProcess" },
        _ => false,
    };

    // The other side of the assignment or comparison.
    private static IOperation? Partner(IOperation id) => OperationTree.UserOf(id, out IOperation operand) switch
    {
        ISimpleAssignmentOperation assignment when assignment.Value == operand => assignment.Target,
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } comparison
            => comparison.LeftOperand == operand ? comparison.RightOperand : comparison.LeftOperand,
        _ => null,
    };

    // A global of a skeleton or its spec, or a field of one of its types.
    private static bool IsOfProgram(IOperation partner, KnownTypes types)
        => OperationTree.Unwrap(partner) is IMemberReferenceOperation { Member: IFieldSymbol or IPropertySymbol, Member.ContainingType: { } type } && types.IsInSkeleton(type);
}
