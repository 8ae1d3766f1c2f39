using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports per-CPU values without memory that are passed to a map.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NoRoomAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public NoRoomAnalyzer()
        : base(UsageDescriptors.NoRoom)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.DefaultValue, OperationKind.ObjectCreation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        IOperation value = context.Operation;
        if (KnownTypes.Is(value.Type, types.PerCpu) && (IsGivenToMap(value, types) || IsGivenToMapLater(value, types)))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.NoRoom, value.Syntax.GetLocation(), value.Type!.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
        }
    }

    private static bool IsGivenToMap(IOperation value, KnownTypes types)
        => OperationTree.UserOf(value, out _) is IArgumentOperation { ArgumentKind: ArgumentKind.Explicit, Parent: IInvocationOperation call }
            && KnownTypes.Is(call.Instance?.Type, types.Map);

    // Through a local that is never assigned again.
    private static bool IsGivenToMapLater(IOperation value, KnownTypes types)
    {
        if (OperationTree.UserOf(value, out _) is not IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: { } local } })
        {
            return false;
        }

        ILocalReferenceOperation[] references = [.. OperationTree.RootOf(value).DescendantsAndSelf().OfType<ILocalReferenceOperation>()
            .Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, local))];
        return !references.Any(reference => OperationTree.UserOf(reference, out IOperation operand) is IAssignmentOperation assignment && assignment.Target == operand)
            && references.Any(reference => IsGivenToMap(reference, types));
    }
}
