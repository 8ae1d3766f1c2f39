using System.Collections.Concurrent;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>
/// Reports hash maps that an object only reads, that no C# uses, and that another object of the project has under the same name and fills: each object has a map of its own, so the one
/// that is read is empty.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SeparateMapAnalyzer : UsageAnalyzer
{
    private static readonly BpfMapType[] s_hashes = [BpfMapType.Hash, BpfMapType.PerCpuHash, BpfMapType.LruHash, BpfMapType.LruPerCpuHash, BpfMapType.LpmTrie];

    /// <summary>Creates the analyzer.</summary>
    public SeparateMapAnalyzer()
        : base(UsageDescriptors.SeparateMap)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        var objects = new SkeletonObjects(context.Options);
        var used = new ConcurrentDictionary<ISymbol, bool>(SymbolEqualityComparer.Default);
        var loads = new ConcurrentBag<IInvocationOperation>();
        context.RegisterOperationAction(
            operation =>
            {
                var property = (IPropertyReferenceOperation)operation.Operation;
                if (KnownTypes.Is(property.Type, types.Map))
                {
                    used[property.Property] = true;
                }
            },
            OperationKind.PropertyReference);
        context.RegisterOperationAction(
            operation =>
            {
                var call = (IInvocationOperation)operation.Operation;
                if (Creation.IsOf(call, types) && KnownTypes.Is(call.Type, types.Skeleton))
                {
                    loads.Add(call);
                }
            },
            OperationKind.Invocation);
        context.RegisterCompilationEndAction(end =>
        {
            INamedTypeSymbol[] skeletons = [.. loads.Select(static call => (INamedTypeSymbol)call.Type!).Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default)];
            foreach (IInvocationOperation load in loads.Where(load => !Creation.MayLeave(load, end.Compilation)))
            {
                foreach (IPropertySymbol map in MapsOf(load.Type!, types).Where(map => !used.ContainsKey(map)))
                {
                    if (skeletons.FirstOrDefault(other => !SymbolEqualityComparer.Default.Equals(other, load.Type) && IsFilledBy(other, map, load, types, objects, end.CancellationToken)) is { } filler
                        && objects.Of((INamedTypeSymbol)load.Type!, end.CancellationToken)?.MapOf(map)?.Name is { } name && !MapNames.HasText(end.Compilation, name, end.CancellationToken))
                    {
                        end.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.SeparateMap, OperationTree.NameOf(load), name, load.Type!.Name, filler.Name, map.Name, char.ToLowerInvariant(filler.Name[0]) + filler.Name.Substring(1)));
                    }
                }
            }
        });
    }

    // The names are compared first: only then are objects read.
    private static bool IsFilledBy(INamedTypeSymbol other, IPropertySymbol map, IInvocationOperation load, KnownTypes types, SkeletonObjects objects, CancellationToken stop)
        => MapsOf(other, types).FirstOrDefault(one => one.Name == map.Name) is { } same
            && objects.Of((INamedTypeSymbol)load.Type!, stop) is { } reader && reader.MapOf(map) is { IsPinnedByName: false } read && Array.IndexOf(s_hashes, read.Type) >= 0
            && objects.Of(other, stop) is { } writer && writer.MapOf(same) is { IsPinnedByName: false } written && read.Name == written.Name
            && reader.FormOf(read) is { } form && form == writer.FormOf(written)
            && reader.UseOf(read) is MapUse.Read && writer.UseOf(written) is MapUse.Written;

    private static IEnumerable<IPropertySymbol> MapsOf(ITypeSymbol skeleton, KnownTypes types)
        => skeleton.GetMembers("Maps").OfType<IPropertySymbol>().SelectMany(static maps => maps.Type.GetMembers().OfType<IPropertySymbol>()).Where(map => KnownTypes.Is(map.Type, types.Map));
}
