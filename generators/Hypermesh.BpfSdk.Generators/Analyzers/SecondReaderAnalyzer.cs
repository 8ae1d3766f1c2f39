using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports a second read of a ring within the loop, or the handler, that reads it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SecondReaderAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public SecondReaderAnalyzer()
        : base(UsageDescriptors.SecondReader)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not ("Consume" or "ReadAllAsync") || !types.IsRing(call.Instance?.Type))
        {
            return;
        }

        IOperation inner = call;
        for (IOperation? current = call.Parent; current is not null; inner = current, current = current.Parent)
        {
            IOperation? ring = current switch
            {
                IForEachLoopOperation loop when inner == loop.Body => RingOf(loop.Collection, types),
                IInvocationOperation { TargetMethod.Name: "Consume", Instance: { } instance } when types.IsRing(instance.Type) => instance,
                _ => null,
            };
            if (OperationTree.AreSame(ring, call.Instance))
            {
                context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.SecondReader, OperationTree.NameOf(call), call.Instance!.Syntax.ToString()));
                return;
            }
        }
    }

    /// <summary>Returns the ring that a loop over <c>ReadAllAsync</c> reads, past <c>WithCancellation</c> and similar calls; null for other loops.</summary>
    internal static IOperation? RingOf(IOperation collection, KnownTypes types)
        => ReadOf(collection, types)?.Instance;

    /// <summary>Returns the call of <c>ReadAllAsync</c> that a loop enumerates.</summary>
    internal static IInvocationOperation? ReadOf(IOperation collection, KnownTypes types)
    {
        for (IOperation? current = OperationTree.Unwrap(collection); current is IInvocationOperation call; current = OperationTree.ReceiverOf(call) is { } next ? OperationTree.Unwrap(next) : null)
        {
            if (call.TargetMethod.Name == "ReadAllAsync" && types.IsRing(call.Instance?.Type))
            {
                return call;
            }
        }

        return null;
    }
}
