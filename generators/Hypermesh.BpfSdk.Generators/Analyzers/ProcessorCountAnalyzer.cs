using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports <c>Environment.ProcessorCount</c> as the limit of a loop over per-CPU values, or as a map's size.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ProcessorCountAnalyzer : UsageAnalyzer
{
    // Members whose argument is a CPU's number.
    private static readonly HashSet<string> s_perCpu = new(StringComparer.Ordinal) { "Set", "TryGetOneCpu", "SetOneCpu", "Cpu" };

    /// <summary>Creates the analyzer.</summary>
    public ProcessorCountAnalyzer()
        : base(UsageDescriptors.ProcessorCount)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.PropertyReference);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        if (context.Operation is IPropertyReferenceOperation { Property: { Name: "ProcessorCount", ContainingType: { Name: "Environment", ContainingNamespace.Name: "System" } } } count
            && (IsSize(count, types) || BoundsPerCpu(count, types)))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.ProcessorCount, count.Syntax.GetLocation()));
        }
    }

    private static bool IsSize(IOperation count, KnownTypes types)
        => OperationTree.UserOf(count, out IOperation operand) is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property: { Name: "MaxEntries" } property } } assignment
            && assignment.Value == operand
            && KnownTypes.Is(property.ContainingType, types.BpfMapSpec);

    private static bool BoundsPerCpu(IOperation count, KnownTypes types)
    {
        if (OperationTree.UserOf(count, out _) is not IBinaryOperation { Parent: IForLoopOperation loop } condition || loop.Condition != condition)
        {
            return false;
        }

        return OperationTree.OfThisFunction(loop.Body).Any(operation => operation switch
        {
            IPropertyReferenceOperation { Property.IsIndexer: true } indexer
                => KnownTypes.Is(indexer.Instance?.Type, types.PerCpu) && Takes(indexer.Arguments, loop),
            IInvocationOperation call => s_perCpu.Contains(call.TargetMethod.Name) && IsOfLibrary(call.TargetMethod.ContainingType, types) && Takes(call.Arguments, loop),
            _ => false,
        });
    }

    private static bool IsOfLibrary(ITypeSymbol type, KnownTypes types)
        => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, types.Object.ContainingAssembly)
            && (KnownTypes.Is(type, types.PerCpu) || KnownTypes.Is(type, types.Map) || type.Name == "PerfEventTarget");

    private static bool Takes(IEnumerable<IArgumentOperation> arguments, IForLoopOperation loop)
        => arguments.Any(argument => OperationTree.Unwrap(argument.Value) is ILocalReferenceOperation local
            && loop.Locals.Contains(local.Local, SymbolEqualityComparer.Default));
}
