using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports loops over a ring before the statement that attaches the programs that write to it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReadBeforeAttachAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public ReadBeforeAttachAnalyzer()
        : base(UsageDescriptors.ReadBeforeAttach)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Loop);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        if (context.Operation is not IForEachLoopOperation loop
            || SecondReaderAnalyzer.ReadOf(loop.Collection, types) is not { } read
            || OperationTree.VariableOf(read) is not ILocalSymbol local
            || !KnownTypes.Is(local.Type, types.Skeleton)
            || !SymbolEqualityComparer.Default.Equals(local.ContainingSymbol, OperationTree.FunctionOf(loop, context.ContainingSymbol)))
        {
            return;
        }

        IInvocationOperation? attach = null;
        foreach (VariableUse use in VariableUse.Of(local, OperationTree.RootOf(loop)))
        {
            if (use.Kind == VariableUseKind.Escapes)
            {
                return;
            }

            if (use.Kind == VariableUseKind.Member && use.MemberName is not ("Maps" or "Globals" or "Refused"))
            {
                // Another function may run at any time, and a program that is attached before the loop, or in it, may write to the ring.
                if (!IsAfter(use.Reference, loop, context.ContainingSymbol))
                {
                    return;
                }

                attach ??= AttachOf(use.Reference);
            }
        }

        if (attach is not null)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.ReadBeforeAttach, OperationTree.NameOf(read), [OperationTree.NameOf(attach)], read.Instance!.Syntax.ToString(), attach.Syntax.ToString()));
        }
    }

    // A loop around both runs the reader again after the attach.
    private static bool IsAfter(IOperation use, ILoopOperation loop, ISymbol owner)
        => use.Syntax.SpanStart >= loop.Syntax.Span.End
            && SymbolEqualityComparer.Default.Equals(OperationTree.FunctionOf(use, owner), OperationTree.FunctionOf(loop, owner))
            && !OperationTree.Around(loop).OfType<ILoopOperation>().Any(around => around.Syntax.Span.Contains(use.Syntax.Span));

    // Attach of forks.Attach() and of forks.Programs.OnFork.Attach(…).
    private static IInvocationOperation? AttachOf(IOperation reference)
        => OperationTree.Around(reference).TakeWhile(static operation => operation is not IBlockOperation).OfType<IInvocationOperation>()
            .FirstOrDefault(static call => call.TargetMethod.Name.StartsWith("Attach", StringComparison.Ordinal));
}
