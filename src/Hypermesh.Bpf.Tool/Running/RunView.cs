using Hypermesh.Bpf.Compilation;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>What is shown of an object.</summary>
/// <param name="Only">The only map that is shown; null for all, and the global variables.</param>
/// <param name="Range">The slots of its linear histograms.</param>
internal sealed record RunView(string? Only = null, BpfLinearRange? Range = null)
{
    /// <summary>The global variable of built monitors that counts calls without room in a map.</summary>
    internal const string Lost = "lost";

    internal IEnumerable<string> Maps(BpfObjectValues values) => values.Maps.Where(name => Only is null || name == Only);
}
