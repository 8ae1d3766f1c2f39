using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports reads and writes in asynchronous functions that block the thread while they wait for the kernel.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BlockingAnalyzer : UsageAnalyzer
{
    private const string Await = "await foreach over ReadAllAsync waits without blocking a thread";

    /// <summary>Creates the analyzer.</summary>
    public BlockingAnalyzer()
        : base(UsageDescriptors.BlocksAsync)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        string? advice = call.TargetMethod.Name switch
        {
            "ToBlockingEnumerable" when call.Arguments.Length > 0 && ReadsRing(call.Arguments[0].Value, types) => Await,
            "Sleep" when IsThread(call) && PollsInLoop(call, types) => "await Task.Delay, or better: " + Await,
            "TryReserve" when KnownTypes.Is(call.Instance?.Type, types.UserRingBuffer) && call.Arguments.Length == 3
                => "call it without a timeout, and await Task.Delay while the ring is full",
            _ => null,
        };

        if (advice is not null && OperationTree.FunctionOf(call, context.ContainingSymbol) is { IsAsync: true })
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.BlocksAsync, OperationTree.NameOf(call), call.TargetMethod.Name, advice));
        }
    }

    private static bool ReadsRing(IOperation value, KnownTypes types)
        => OperationTree.Unwrap(value) is IInvocationOperation { TargetMethod.Name: "ReadAllAsync", Instance: { } ring } && types.IsRing(ring.Type);

    private static bool IsThread(IInvocationOperation call)
        => call.TargetMethod.ContainingType is { Name: "Thread", ContainingNamespace: { Name: "Threading", ContainingNamespace.Name: "System" } };

    private static bool PollsInLoop(IOperation sleep, KnownTypes types)
    {
        for (IOperation? current = sleep.Parent; current is not (null or IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation loop
                && OperationTree.OfThisFunction(loop).OfType<IInvocationOperation>().Any(call => call.TargetMethod.Name == "Consume" && types.IsRing(call.Instance?.Type)))
            {
                return true;
            }
        }

        return false;
    }
}
