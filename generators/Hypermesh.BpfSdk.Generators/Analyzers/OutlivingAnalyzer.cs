using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Maps, programs, links and readers that leave the scope which disposes their object, and tasks that still work with it then.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OutlivingAnalyzer : UsageAnalyzer
{
    /// <summary>Makes the analyzer.</summary>
    public OutlivingAnalyzer()
        : base(UsageDescriptors.Outlives)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Return);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        if (context.Operation is not IReturnOperation { ReturnedValue: { } returned })
        {
            return;
        }

        IOperation value = OperationTree.Unwrap(returned);
        IMethodSymbol? function = OperationTree.FunctionOf(value, context.ContainingSymbol);
        ISymbol? owner = IsView(value.Type, types) ? OperationTree.VariableOf(value) : null;
        if (owner is null && IsTask(value.Type) && function is { IsAsync: false })
        {
            owner = WorksWith(value, types);
        }

        // A lambda that returns a map of the object around it is called while that one lives, as far as can be seen.
        if (owner is ILocalSymbol { IsUsing: true } local
            && (types.IsLive(local.Type) || types.IsLinkOwner(local.Type))
            && SymbolEqualityComparer.Default.Equals(local.ContainingSymbol, function))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.Outlives, value.Syntax.GetLocation(), IsTask(value.Type) ? "What this task works with" : "This", local.Name));
        }
    }

    private static bool IsView(ITypeSymbol? type, KnownTypes types)
        => types.IsView(type) || types.IsLive(type) || type is { OriginalDefinition.Name: "IAsyncEnumerable" or "IEnumerable", TypeKind: TypeKind.Interface };

    private static bool IsTask(ITypeSymbol? type)
        => type is { Name: "Task" or "ValueTask", ContainingNamespace: { Name: "Tasks", ContainingNamespace.Name: "Threading" } };

    // exec of return ReadAsync(exec), and of return exec.Maps.Events.…Async(): the task has hardly begun when the scope ends.
    private static ISymbol? WorksWith(IOperation value, KnownTypes types)
        => value is IInvocationOperation call
            ? call.Arguments.Select(argument => OperationTree.Unwrap(argument.Value))
                .Where(argument => IsView(argument.Type, types))
                .Select(OperationTree.VariableOf)
                .FirstOrDefault(variable => variable is ILocalSymbol { IsUsing: true })
            : null;
}
