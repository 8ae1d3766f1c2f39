namespace Hypermesh.Bpf;

/// <summary>What trying a feature showed.</summary>
public enum BpfFeatureState
{
    /// <summary>It works.</summary>
    Supported,

    /// <summary>This kernel has it not.</summary>
    Absent,

    /// <summary>It could not be tried, or was refused, by policy or for lack of a capability: whether the kernel has it is not known.</summary>
    Refused,
}
