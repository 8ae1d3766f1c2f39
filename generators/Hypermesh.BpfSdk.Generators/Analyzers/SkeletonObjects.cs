using System.Collections.Concurrent;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.BpfSdk.Generators.Carriers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>
/// The objects behind the skeletons of one compilation, read when an analyzer first asks: most compilations never do. A skeleton of
/// another assembly has no carrier here, and no answer.
/// </summary>
internal sealed class SkeletonObjects(AnalyzerOptions options)
{
    private readonly ConcurrentDictionary<string, SkeletonObject?> _known = new(StringComparer.Ordinal);

    /// <summary>The object of a skeleton, null when it is not to be had.</summary>
    /// <param name="skeleton">The skeleton's class.</param>
    /// <param name="stop">Ends the reading.</param>
    public SkeletonObject? Of(INamedTypeSymbol skeleton, CancellationToken stop)
    {
        string @namespace = skeleton.ContainingNamespace is { IsGlobalNamespace: false } named ? named.ToDisplayString() : "";
        string key = @namespace + "\n" + skeleton.Name;
        if (!_known.TryGetValue(key, out SkeletonObject? found))
        {
            found = Read(@namespace, skeleton.Name, stop);
            _known[key] = found;
        }

        return found;
    }

    private SkeletonObject? Read(string @namespace, string className, CancellationToken stop)
    {
        foreach (AdditionalText file in options.AdditionalFiles)
        {
            if (BpfSkeletonGenerator.IsCarrier(file, options.AnalyzerConfigOptionsProvider) && ReadHeaderOf(file, className, stop) is { } text)
            {
                try
                {
                    Carrier carrier = CarrierReader.Read(text);
                    if (carrier.ClassName == className && carrier.Namespace == @namespace)
                    {
                        return new SkeletonObject(carrier.Source, BpfObjectSpec.Read(carrier.Image, className));
                    }
                }
                catch (Exception exception) when (exception is CarrierException or BpfException)
                {
                    // The generator has reported it.
                }
            }
        }

        return null;
    }

    // Only the right carrier is decoded.
    private static string? ReadHeaderOf(AdditionalText file, string className, CancellationToken stop)
        => BpfSkeletonGenerator.ReadText(file, stop) is { } text && text.IndexOf("\nclass " + className + "\n", StringComparison.Ordinal) >= 0 ? text : null;
}
