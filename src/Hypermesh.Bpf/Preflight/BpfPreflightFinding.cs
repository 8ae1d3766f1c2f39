namespace Hypermesh.Bpf;

/// <summary>One thing an object needs and this machine, or this process, does not give.</summary>
/// <param name="Subject">What it is, such as <c>Helper bpf_loop</c>.</param>
/// <param name="State"><see cref="BpfFeatureState.Absent"/> where the kernel has it not; <see cref="BpfFeatureState.Refused"/> where it, or finding out, was refused.</param>
/// <param name="Detail">What the kernel answered, and since which release there is such a thing.</param>
/// <param name="NeededBy">The program, map or function that needs it, by its name in C; empty for the object as a whole.</param>
public sealed record BpfPreflightFinding(string Subject, BpfFeatureState State, string Detail, string NeededBy)
{
    /// <inheritdoc/>
    public override string ToString()
        => $"{Subject}{(NeededBy.Length > 0 ? $" (for {NeededBy})" : "")}: {(State == BpfFeatureState.Absent ? "absent" : "refused")}{(Detail.Length > 0 ? $", {Detail}" : "")}";
}
