namespace Hypermesh.Bpf;

/// <summary>A map of a kind this version has no type for: what it is can be asked, and its descriptor handed on.</summary>
public sealed class BpfUntypedMap : BpfMap
{
    /// <summary>Looks at a map of any kind.</summary>
    /// <param name="descriptor">The map.</param>
    public BpfUntypedMap(BpfMapDescriptor descriptor)
        : base(descriptor, [])
    {
    }
}
