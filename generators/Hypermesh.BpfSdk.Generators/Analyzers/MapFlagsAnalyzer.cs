using System.Collections.Immutable;
using Hypermesh.Bpf;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>
/// Reports operations on a map of a skeleton that its declaration in the C forbids, and readers that get bytes because the declaration does not name the type.
/// Both checks read the object behind the skeleton.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MapFlagsAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public MapFlagsAnalyzer()
        : base(UsageDescriptors.ForbiddenByFlags, UsageDescriptors.EventBytes)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        var objects = new SkeletonObjects(context.Options);
        context.RegisterOperationAction(operation => AnalyzeCall(operation, types, objects), OperationKind.Invocation);
        context.RegisterOperationAction(operation => AnalyzeIndexer(operation, types, objects), OperationKind.PropertyReference);
        context.RegisterOperationAction(operation => AnalyzeLoop(operation, types, objects), OperationKind.Loop);
    }

    private static void AnalyzeCall(OperationAnalysisContext context, KnownTypes types, SkeletonObjects objects)
    {
        var call = (IInvocationOperation)context.Operation;
        string name = call.TargetMethod.Name;
        if (MapOf(call.Instance, types) is not { } property)
        {
            return;
        }

        if (name is "Consume" or "ReadAllAsync" && KnownTypes.Is(call.Instance!.Type, types.RingBuffer))
        {
            TellType(context, call, property, objects);
        }
        else if (MapOperations.Refusal(name, ~BpfMapFlags.None) is not null || MapOperations.Refusal(name, BpfMapFlags.None) is not null || MapOperations.Locks(name))
        {
            Check(context, OperationTree.NameOf(call), name, property, objects);
        }
    }

    private static void AnalyzeIndexer(OperationAnalysisContext context, KnownTypes types, SkeletonObjects objects)
    {
        var indexer = (IPropertyReferenceOperation)context.Operation;
        if (indexer.Property.IsIndexer && MapOf(indexer.Instance, types) is { } property)
        {
            bool writes = OperationTree.UserOf(indexer, out IOperation operand) is IAssignmentOperation assignment && assignment.Target == operand;
            Check(context, indexer.Syntax.GetLocation(), writes ? "Set" : "TryGetValue", property, objects, writes ? "[] =" : "[]");
        }
    }

    private static void AnalyzeLoop(OperationAnalysisContext context, KnownTypes types, SkeletonObjects objects)
    {
        if (context.Operation is IForEachLoopOperation loop && MapOf(OperationTree.Unwrap(loop.Collection), types) is { } property)
        {
            Check(context, loop.Collection.Syntax.GetLocation(), "GetEnumerator", property, objects, "foreach");
        }
    }

    // Events of exec.Maps.Events.
    private static IPropertySymbol? MapOf(IOperation? map, KnownTypes types)
        => map is not null
            && OperationTree.Unwrap(map) is IPropertyReferenceOperation { Property: { } property }
            && KnownTypes.Is(property.Type, types.Map)
            && KnownTypes.Is(property.ContainingType.ContainingType, types.Skeleton)
                ? property
                : null;

    private static void Check(OperationAnalysisContext context, Location place, string operation, IPropertySymbol property, SkeletonObjects objects, string? shown = null)
    {
        if (objects.Of(property.ContainingType.ContainingType, context.CancellationToken) is not { } found || found.MapOf(property) is not { } map)
        {
            return;
        }

        string? refusal = MapOperations.Refusal(operation, map.Flags);
        if (refusal is null && MapOperations.Locks(operation) && !found.HasLock(map))
        {
            refusal = "its values have no bpf_spin_lock";
        }

        if (refusal is not null && !SpecEdits.Sets(context.Compilation, "Flags", context.CancellationToken))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.ForbiddenByFlags, place, shown ?? operation, map.Name, refusal));
        }
    }

    private static void TellType(OperationAnalysisContext context, IInvocationOperation call, IPropertySymbol property, SkeletonObjects objects)
    {
        if (objects.Of(property.ContainingType.ContainingType, context.CancellationToken) is { } found
            && found.MapOf(property) is { } ring
            && found.RecordOf(ring) is { } record)
        {
            var properties = new Dictionary<string, string?>(StringComparer.Ordinal) { ["source"] = found.Source, ["map"] = ring.Name, ["type"] = record.Name };
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.EventBytes, OperationTree.NameOf(call), ImmutableDictionary.CreateRange(properties),
                ring.Name, record.Description, found.Source, record.Name ?? "struct …"));
        }
    }
}
