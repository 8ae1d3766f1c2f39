using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports uses of a live object, or of its maps, programs and links, in the statements after the one that disposes it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DisposedUseAnalyzer : UsageAnalyzer
{
    // Members that still work after the object is disposed.
    private static readonly HashSet<string> s_harmless = new(StringComparer.Ordinal)
    {
        "Dispose", "DisposeAsync", "Name", "Type", "KeySize", "ValueSize", "MaxEntries", "Count", "Refused", "IsLoaded", "IsAttached", "IsCreated",
        "SectionName", "TargetName", "Target", "ToString", "GetType", "Equals", "GetHashCode",
    };

    /// <summary>Creates the analyzer.</summary>
    public DisposedUseAnalyzer()
        : base(UsageDescriptors.UsedAfterDispose)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not ("Dispose" or "DisposeAsync")
            || call.Instance is null
            || OperationTree.Unwrap(call.Instance) is not ILocalReferenceOperation { Local: { } owner }
            || !(types.IsLive(owner.Type) || types.IsLinkOwner(owner.Type) || KnownTypes.Is(owner.Type, types.PerfBuffer))
            || OperationTree.StatementOf(call, out IBlockOperation? block) is not IExpressionStatementOperation statement)
        {
            return;
        }

        ReportMoved(context, call, owner, types);
        HashSet<ISymbol> ended = Views(owner, OperationTree.RootOf(call), types);
        foreach (IOperation later in OperationTree.After(statement, block!))
        {
            foreach (ILocalReferenceOperation reference in OperationTree.OfThisFunction(later).OfType<ILocalReferenceOperation>().Where(reference => ended.Contains(reference.Local)))
            {
                if (OperationTree.UserOf(reference, out IOperation operand) is ISimpleAssignmentOperation assignment && assignment.Target == operand)
                {
                    return;
                }

                if (IsUse(reference))
                {
                    context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.UsedAfterDispose, reference.Syntax.GetLocation(), reference.Local.Name, owner.Name));
                    return;
                }
            }
        }
    }

    // link.Update(second.Programs.X) after first.Dispose(): the link of first's program ended with it.
    private static void ReportMoved(OperationAnalysisContext context, IInvocationOperation dispose, ILocalSymbol owner, KnownTypes types)
    {
        IOperation body = OperationTree.RootOf(dispose);
        foreach (IInvocationOperation update in body.DescendantsAndSelf().OfType<IInvocationOperation>())
        {
            if (update is { TargetMethod.Name: "Update", Instance: ILocalReferenceOperation { Local: { } link } }
                && KnownTypes.Is(link.Type, types.Link)
                && OperationTree.StatementOf(dispose, out IBlockOperation? block) is { } statement
                && OperationTree.After(statement, block!).Any(later => later.DescendantsAndSelf().Contains(update))
                && body.DescendantsAndSelf().OfType<IVariableDeclaratorOperation>().FirstOrDefault(one => SymbolEqualityComparer.Default.Equals(one.Symbol, link))?.GetVariableInitializer() is { Value: { } value }
                && SymbolEqualityComparer.Default.Equals(OperationTree.VariableOf(value), owner)
                && !body.DescendantsAndSelf().OfType<IInvocationOperation>().Any(other => other != update && other.Syntax.SpanStart < dispose.Syntax.SpanStart
                    && other is { TargetMethod.Name: "Update", Instance: ILocalReferenceOperation { Local: { } moved } } && SymbolEqualityComparer.Default.Equals(moved, link)))
            {
                context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.UsedAfterDispose, update.Instance!.Syntax.GetLocation(), link.Name, owner.Name));
                return;
            }
        }
    }

    // The local, and locals that hold its members: var ring = exec.Maps.Events.
    private static HashSet<ISymbol> Views(ILocalSymbol owner, IOperation body, KnownTypes types)
    {
        var views = new HashSet<ISymbol>(SymbolEqualityComparer.Default) { owner };
        foreach (IVariableDeclaratorOperation declarator in body.DescendantsAndSelf().OfType<IVariableDeclaratorOperation>())
        {
            if (declarator.GetVariableInitializer() is { Value: { } value }
                && types.IsView(declarator.Symbol.Type)
                && SymbolEqualityComparer.Default.Equals(OperationTree.VariableOf(value), owner)
                && !IsMoved(declarator.Symbol, body, types))
            {
                views.Add(declarator.Symbol);
            }
        }

        return views;
    }

    // Update moves a link to the object of another program.
    private static bool IsMoved(ILocalSymbol link, IOperation body, KnownTypes types)
        => KnownTypes.Is(link.Type, types.Link)
            && body.DescendantsAndSelf().OfType<IInvocationOperation>().Any(call => call is { TargetMethod.Name: "Update", Instance: ILocalReferenceOperation { Local: { } updated } }
                && SymbolEqualityComparer.Default.Equals(updated, link));

    // The last member of the chain decides: exec.Maps.Events.Name works after the object is disposed.
    private static bool IsUse(ILocalReferenceOperation reference)
    {
        IOperation current = reference;
        string? last = null;
        while (OperationTree.UserOf(current, out IOperation operand) is { } user)
        {
            switch (user)
            {
                case IInvocationOperation call when call.Instance == operand:
                    last = call.TargetMethod.Name;
                    current = call;
                    break;
                case IMethodReferenceOperation:
                    // A delegate is called at another time.
                    return false;
                case IMemberReferenceOperation member when member.Instance == operand:
                    last = member.Member.Name;
                    current = member;
                    break;
                case IConditionalAccessOperation or IBinaryOperation or IIsPatternOperation or INameOfOperation:
                    return last is not null && !s_harmless.Contains(last);
                default:
                    return last is null ? user is IArgumentOperation : !s_harmless.Contains(last);
            }
        }

        return false;
    }
}
