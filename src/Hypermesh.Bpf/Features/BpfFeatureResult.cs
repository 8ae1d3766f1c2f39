namespace Hypermesh.Bpf;

/// <summary>What trying a feature showed, and why.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="State">Whether it is there.</param>
/// <param name="Detail">What the kernel answered; empty when it works.</param>
public readonly record struct BpfFeatureResult(BpfFeature Feature, BpfFeatureState State, string Detail);
