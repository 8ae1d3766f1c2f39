using Hypermesh.Bpf.Compilation;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>What is shown of an object.</summary>
/// <param name="Only">The only map that is shown; null for all, and the global variables.</param>
/// <param name="Range">The slots of its linear histograms.</param>
/// <param name="Title">What it shows, where its name does not say it; null for the name.</param>
internal sealed record RunView(string? Only = null, BpfLinearRange? Range = null, string? Title = null)
{
    internal IEnumerable<string> Maps(BpfObjectValues values) => values.Maps.Where(name => Only is null || name == Only);
}
