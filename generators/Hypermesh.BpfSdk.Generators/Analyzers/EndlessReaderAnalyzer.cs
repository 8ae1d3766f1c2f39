using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports loops over a ring that have neither a cancellation token nor a way out.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EndlessReaderAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public EndlessReaderAnalyzer()
        : base(UsageDescriptors.EndlessReader)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Loop);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        if (context.Operation is IForEachLoopOperation { IsAsynchronous: true } loop
            && SecondReaderAnalyzer.ReadOf(loop.Collection, types) is { } read
            && OperationTree.HasNoArguments(read)
            && !HasOtherToken(loop)
            && !HasWayOut(loop))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.EndlessReader, OperationTree.NameOf(read), read.Instance!.Syntax.ToString()));
        }
    }

    /// <summary>Returns true where the body of a loop can leave it.</summary>
    internal static bool HasWayOut(ILoopOperation loop) => OperationTree.OfThisFunction(loop.Body).Any(operation => Leaves(operation, loop));

    /// <summary>Returns true where a loop gets a token after the call of the reader.</summary>
    internal static bool HasOtherToken(IForEachLoopOperation loop)
        => loop.Collection.DescendantsAndSelf().OfType<IInvocationOperation>().Any(static call => call.TargetMethod.Name == "WithCancellation");

    private static bool Leaves(IOperation operation, ILoopOperation loop) => operation switch
    {
        IReturnOperation { Kind: OperationKind.Return } or IThrowOperation => true,
        IBranchOperation { BranchKind: BranchKind.Break } branch => SymbolEqualityComparer.Default.Equals(branch.Target, loop.ExitLabel),
        IBranchOperation { BranchKind: BranchKind.GoTo } => true,
        _ => false,
    };
}
