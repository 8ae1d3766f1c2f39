using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports loops over a ring that come after a loop over another ring, which ends only with the same token or never.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LaterReaderAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public LaterReaderAnalyzer()
        : base(UsageDescriptors.LaterReader)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Loop);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        if (context.Operation is not IForEachLoopOperation loop
            || SecondReaderAnalyzer.ReadOf(loop.Collection, types) is not { } read
            || EndlessReaderAnalyzer.HasWayOut(loop)
            || EndlessReaderAnalyzer.HasOtherToken(loop)
            || OperationTree.StatementOf(loop, out IBlockOperation? block) != loop)
        {
            return;
        }

        foreach (IForEachLoopOperation next in OperationTree.After(loop, block!).OfType<IForEachLoopOperation>())
        {
            if (SecondReaderAnalyzer.ReadOf(next.Collection, types) is { } later && !OperationTree.AreSame(read.Instance, later.Instance)
                && (OperationTree.HasNoArguments(read) || OperationTree.AreSame(TokenOf(read), TokenOf(later))))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    UsageDescriptors.LaterReader, OperationTree.NameOf(later), [OperationTree.NameOf(read)], later.Instance!.Syntax.ToString(), read.Instance!.Syntax.ToString()));
                return;
            }
        }
    }

    private static IOperation? TokenOf(IInvocationOperation read)
        => read.Arguments.FirstOrDefault(static argument => argument.ArgumentKind == ArgumentKind.Explicit)?.Value;
}
