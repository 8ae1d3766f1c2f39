using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports variables and entries that programs change, and that C# reads, changes and writes back: what the programs change in between is lost.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LostUpdateAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public LostUpdateAnalyzer()
        : base(UsageDescriptors.LostUpdate)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        var objects = new SkeletonObjects(context.Options);
        context.RegisterOperationAction(
            operation => Analyze(operation, types, objects), OperationKind.SimpleAssignment, OperationKind.CompoundAssignment, OperationKind.Increment, OperationKind.Decrement);
    }

    private static void Analyze(OperationAnalysisContext context, KnownTypes types, SkeletonObjects objects)
    {
        if (Target(context.Operation) is { } target && IsChangedByPrograms(target, types, objects, context.CancellationToken) && (context.Operation is not ISimpleAssignmentOperation assignment || IsReadIn(assignment.Value, target)))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.LostUpdate, context.Operation.Syntax.GetLocation(), target.Syntax.ToString()));
        }
    }

    private static IPropertyReferenceOperation? Target(IOperation operation) => operation switch
    {
        IAssignmentOperation assignment => assignment.Target as IPropertyReferenceOperation,
        IIncrementOrDecrementOperation step => step.Target as IPropertyReferenceOperation,
        _ => null,
    };

    // live.Globals.Count, and live.Maps.Counts[key] where the programs add entries.
    private static bool IsChangedByPrograms(IPropertyReferenceOperation target, KnownTypes types, SkeletonObjects objects, CancellationToken stop)
        => SkeletonOf(target.Property, types) is { } owner ? owner.Group == "Globals" && objects.Of(owner.Skeleton, stop)?.IsStored(target.Property) == true
            : target.Instance is IPropertyReferenceOperation map && KnownTypes.Is(map.Type, types.Map) && SkeletonOf(map.Property, types) is { Group: "Maps" } maps
                && objects.Of(maps.Skeleton, stop) is { } found && found.MapOf(map.Property) is { } spec && found.UseOf(spec) == MapUse.Written;

    private static (INamedTypeSymbol Skeleton, string Group)? SkeletonOf(IPropertySymbol property, KnownTypes types)
        => property.ContainingType is { ContainingType: { } skeleton } set && KnownTypes.Is(skeleton, types.Skeleton)
            ? skeleton.GetMembers().OfType<IPropertySymbol>().Where(group => SymbolEqualityComparer.Default.Equals(group.Type, set)).Select(group => ((INamedTypeSymbol, string)?)(skeleton, group.Name)).FirstOrDefault()
            : null;

    private static bool IsReadIn(IOperation value, IPropertyReferenceOperation target)
        => value.DescendantsAndSelf().OfType<IPropertyReferenceOperation>().Any(one => SymbolEqualityComparer.Default.Equals(one.Property, target.Property) && one.Syntax.ToString() == target.Syntax.ToString());
}
