using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports changes of a value that was read from a map or a global and that is neither written back nor read again.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ChangedCopyAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public ChangedCopyAnalyzer()
        : base(UsageDescriptors.ChangedCopy)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(
            operation => Analyze(operation, types), OperationKind.SimpleAssignment, OperationKind.CompoundAssignment, OperationKind.Increment, OperationKind.Decrement);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        if (ChangedMember(context.Operation)?.Instance is not ILocalReferenceOperation { Local: { IsRef: false, Type.IsValueType: true } local })
        {
            return;
        }

        IOperation body = OperationTree.RootOf(context.Operation);
        IOperation[] uses = [.. body.DescendantsAndSelf().OfType<ILocalReferenceOperation>().Where(use => SymbolEqualityComparer.Default.Equals(use.Local, local))];
        if (EntryOf(local, body, types) is { } entry && Array.TrueForAll(uses, use => IsDeclaration(use) || IsLost(use, context.Operation, local)))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.ChangedCopy, context.Operation.Syntax.GetLocation(), local.Name, entry));
        }
    }

    private static IMemberReferenceOperation? ChangedMember(IOperation operation) => operation switch
    {
        IAssignmentOperation assignment => assignment.Target as IMemberReferenceOperation,
        IIncrementOrDecrementOperation step => step.Target as IMemberReferenceOperation,
        _ => null,
    };

    // What the value was read from, as C# writes it back; null where it comes from somewhere else.
    private static string? EntryOf(ILocalSymbol local, IOperation body, KnownTypes types)
    {
        foreach (IOperation operation in body.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation { Initializer.Value: { } value } declarator when SymbolEqualityComparer.Default.Equals(declarator.Symbol, local):
                    return OperationTree.Unwrap(value) is IPropertyReferenceOperation { Instance: { } from, Property.SetMethod: not null } read
                        && (KnownTypes.Is(from.Type, types.Map) || (types.IsInSkeleton(from.Type) && from.Type!.IsReferenceType)) ? read.Syntax.ToString() : null;
                case IInvocationOperation { TargetMethod.Name: "TryGetValue", Instance: { } map, Arguments: { Length: 2 } arguments }
                    when arguments[1].Value is IDeclarationExpressionOperation { Expression: ILocalReferenceOperation declared } && SymbolEqualityComparer.Default.Equals(declared.Local, local):
                    return KnownTypes.Is(map.Type, types.Map) ? $"{map.Syntax}[{arguments[0].Value.Syntax}]" : null;
                default:
                    break;
            }
        }

        return null;
    }

    private static bool IsDeclaration(IOperation use) => use.Parent is IDeclarationExpressionOperation;

    // A change, or a read before the change.
    private static bool IsLost(IOperation use, IOperation change, ILocalSymbol local)
        => use.Parent is IMemberReferenceOperation member && member.Instance == use && member is not IMethodReferenceOperation
            && (IsChange(member) || (use.Syntax.SpanStart < change.Syntax.Span.End && !IsInLoopOf(change, local)));

    private static bool IsChange(IMemberReferenceOperation member) => member.Parent switch
    {
        IAssignmentOperation assignment => assignment.Target == member && assignment.Parent is IExpressionStatementOperation,
        IIncrementOrDecrementOperation step => step.Parent is IExpressionStatementOperation,
        _ => false,
    };

    // The next round may read what this one changed, unless the value is read anew in each.
    private static bool IsInLoopOf(IOperation change, ILocalSymbol local)
    {
        int declared = local.DeclaringSyntaxReferences[0].Span.Start;
        return OperationTree.Around(change).OfType<ILoopOperation>().Any(loop => !loop.Syntax.Span.Contains(declared));
    }
}
