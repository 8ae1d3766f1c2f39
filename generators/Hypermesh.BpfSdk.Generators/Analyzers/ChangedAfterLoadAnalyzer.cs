using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports settings of a spec after the statement that loads it, when nothing loads it again.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ChangedAfterLoadAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public ChangedAfterLoadAnalyzer()
        : base(UsageDescriptors.ChangedAfterLoad)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var load = (IInvocationOperation)context.Operation;
        if (!Creation.IsOf(load, types)
            || load.Instance is null
            || OperationTree.Unwrap(load.Instance) is not ILocalReferenceOperation { Local: { } spec }
            || OperationTree.StatementOf(load, out IBlockOperation? block) is not { } statement
            || IsInLoop(statement))
        {
            return;
        }

        var changes = new List<IAssignmentOperation>();
        foreach (IOperation later in OperationTree.After(statement, block!))
        {
            foreach (IOperation operation in later.DescendantsAndSelf())
            {
                if (operation is IAssignmentOperation { Target: IPropertyReferenceOperation target } assignment && SymbolEqualityComparer.Default.Equals(OperationTree.VariableOf(target), spec))
                {
                    changes.Add(assignment);
                }
                else if (operation is ILocalReferenceOperation reference
                    && SymbolEqualityComparer.Default.Equals(reference.Local, spec)
                    && VariableUse.Classify(reference) is { Kind: VariableUseKind.Escapes } or { MemberName: "Load" or "Object" })
                {
                    return;
                }
            }
        }

        foreach (IAssignmentOperation change in changes)
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.ChangedAfterLoad, change.Target.Syntax.GetLocation(), [load.Syntax.GetLocation()], spec.Name));
        }
    }

    // The next iteration of the loop may load what this one sets.
    private static bool IsInLoop(IOperation statement)
    {
        for (IOperation? current = statement; current is not null; current = current.Parent)
        {
            if (current is ILoopOperation)
            {
                return true;
            }
        }

        return false;
    }
}
