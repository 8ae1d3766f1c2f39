using Hypermesh.Bpf.Objects;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports objects with a tail call into a program array that neither the C nor the C# fills: the call has no effect, and no error says so.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EmptyProgramArrayAnalyzer : UsageAnalyzer
{
    private const string ProgramArray = "BpfProgramArray";

    /// <summary>Creates the analyzer.</summary>
    public EmptyProgramArrayAnalyzer()
        : base(UsageDescriptors.EmptyProgramArray)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        var objects = new SkeletonObjects(context.Options);
        context.RegisterOperationAction(operation => Analyze(operation, types, objects), OperationKind.Invocation);
    }

    private static void Analyze(OperationAnalysisContext context, KnownTypes types, SkeletonObjects objects)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!Creation.IsOf(call, types) || !KnownTypes.Is(call.Type, types.Skeleton))
        {
            return;
        }

        foreach (IPropertySymbol property in ArraysOf(call.Type!))
        {
            if (objects.Of((INamedTypeSymbol)call.Type!, context.CancellationToken) is { } found && found.MapOf(property) is { InitialValues.Count: 0, IsPinnedByName: false } map && found.IsTailCalled(map)
                && !Creation.MayLeave(call, context.Compilation) && !MapNames.Has(context.Compilation, property.Name, map.Name, context.CancellationToken))
            {
                string live = Creation.LocalOf(call, out _)?.Name ?? "live";
                context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.EmptyProgramArray, OperationTree.NameOf(call), map.Name, $"{live}.Maps.{property.Name}", $"{live}.Programs"));
            }
        }
    }

    private static IEnumerable<IPropertySymbol> ArraysOf(ITypeSymbol skeleton)
        => skeleton.GetMembers("Maps").OfType<IPropertySymbol>().SelectMany(static maps => maps.Type.GetMembers().OfType<IPropertySymbol>()).Where(static map => map.Type.Name == ProgramArray);
}
