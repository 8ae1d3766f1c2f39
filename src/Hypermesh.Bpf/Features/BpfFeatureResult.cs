using Hypermesh.Bpf.Features;

namespace Hypermesh.Bpf;

/// <summary>The result of probing a feature, or a type of program, map, helper or link; or the value of an option in the kernel's configuration.</summary>
/// <param name="Subject">What was probed, such as <c>RingBuffer</c> or <c>program type Tracing</c>.</param>
/// <param name="State">Whether the kernel supports it; <see cref="BpfFeatureState.Refused"/> if that could not be determined.</param>
/// <param name="Detail">The kernel's error; empty if it works; for an option that is set, its value.</param>
public readonly record struct BpfFeatureResult(string Subject, BpfFeatureState State, string Detail)
{
    /// <summary>Creates a result from a return value of the kernel: at least 0 if it works, else the negative errno.</summary>
    internal static BpfFeatureResult Of(string subject, long result)
    {
        (BpfFeatureState state, string detail) = FeatureAnswer.Read(result);
        return new BpfFeatureResult(subject, state, detail);
    }
}

/// <summary>The result of probing a feature.</summary>
public enum BpfFeatureState
{
    /// <summary>It works.</summary>
    Supported,

    /// <summary>This kernel does not support it.</summary>
    Absent,

    /// <summary>The probe could not run, or was denied by policy or for lack of a capability: whether the kernel supports it is not known.</summary>
    Refused,
}
