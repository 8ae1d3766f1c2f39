using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports loops that read and remove all entries of a map, where the kernel can do both in one call.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReadThenRemoveAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public ReadThenRemoveAnalyzer()
        : base(UsageDescriptors.ReadThenRemoved)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Loop);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        if (context.Operation is not IForEachLoopOperation { IsAsynchronous: false } loop)
        {
            return;
        }

        IOperation map = OperationTree.Unwrap(loop.Collection);
        if (!(KnownTypes.Is(map.Type, types.HashedMap) || KnownTypes.Is(map.Type, types.PerCpuKeyedMap)) || !ReadsValue(loop))
        {
            return;
        }

        IInvocationOperation? removal = OperationTree.OfThisFunction(loop.Body).OfType<IInvocationOperation>()
            .FirstOrDefault(call => call.TargetMethod.Name == "Remove" && OperationTree.AreSame(call.Instance, map));
        if (removal is not null)
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.ReadThenRemoved, OperationTree.NameOf(removal), map.Syntax.ToString()));
        }
    }

    // The second part of var (key, value), or the Value of a pair.
    private static bool ReadsValue(IForEachLoopOperation loop)
    {
        ILocalSymbol[] locals = [.. loop.Locals];
        return OperationTree.OfThisFunction(loop.Body).Any(operation => operation switch
        {
            ILocalReferenceOperation local => locals.Length == 2 && SymbolEqualityComparer.Default.Equals(local.Local, locals[1]),
            IPropertyReferenceOperation { Property.Name: "Value", Instance: ILocalReferenceOperation pair }
                => locals.Length == 1 && SymbolEqualityComparer.Default.Equals(pair.Local, locals[0]),
            _ => false,
        });
    }
}
