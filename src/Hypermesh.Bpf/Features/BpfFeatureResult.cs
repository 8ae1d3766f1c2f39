using Hypermesh.Bpf.Features;

namespace Hypermesh.Bpf;

/// <summary>What trying a feature, or a kind of program, map, helper or link, showed; or what the kernel's configuration says of an option.</summary>
/// <param name="Subject">What was asked about, such as <c>RingBuffer</c> or <c>program type Tracing</c>.</param>
/// <param name="State">Whether it is there; <see cref="BpfFeatureState.Refused"/> where it could not be found out.</param>
/// <param name="Detail">What the kernel answered; empty for what works; for an option that is set, its value.</param>
public readonly record struct BpfFeatureResult(string Subject, BpfFeatureState State, string Detail)
{
    /// <summary>Reads an answer of the kernel's: at least 0 for what works, else the negative errno.</summary>
    internal static BpfFeatureResult Of(string subject, long result)
    {
        (BpfFeatureState state, string detail) = FeatureAnswer.Read(result);
        return new BpfFeatureResult(subject, state, detail);
    }
}

/// <summary>What trying a feature showed.</summary>
public enum BpfFeatureState
{
    /// <summary>It works.</summary>
    Supported,

    /// <summary>This kernel lacks it.</summary>
    Absent,

    /// <summary>It could not be tried, or was refused, by policy or for lack of a capability: whether the kernel has it is not known.</summary>
    Refused,
}
