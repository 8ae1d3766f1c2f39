using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Preflight;

namespace Hypermesh.Bpf;

/// <summary>
/// What this machine lacks for an object, all of it at once, where loading tells the first thing only. Each kind of program and map and each helper is tried, kernel
/// functions, options and targets are looked up; nothing is loaded that could run, and nothing is attached.
/// </summary>
public sealed class BpfPreflight
{
    /// <summary>The subject of the finding that this process lacks capabilities.</summary>
    public const string Capabilities = "Capabilities";

    private readonly string _name;

    private BpfPreflight(string name, IReadOnlyList<BpfPreflightFinding> missing)
    {
        _name = name;
        Missing = missing;
    }

    /// <summary>What is missing; what the object does without (<c>SEC("?…")</c>, <c>__weak</c>, a helper asked for before it is called) is not listed.</summary>
    public IReadOnlyList<BpfPreflightFinding> Missing { get; }

    /// <summary>True when nothing is missing: the object will load, but for what the verifier finds in its code, and memory.</summary>
    public bool IsReady => Missing.Count == 0;

    /// <summary>Looks at the running kernel and at this process. Needs no capability; without those of <see cref="BpfObject.Load"/> they are the first thing missing, and what would be found out with them is not.</summary>
    /// <param name="spec">The object; programs and maps that are switched off do not count.</param>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfPreflight Check(BpfObjectSpec spec) => Check(LinuxKernel.Instance, spec);

    /// <summary>One line a finding, after one that counts them.</summary>
    public override string ToString() => IsReady
        ? $"{_name}: nothing is missing"
        : $"{_name}: {Missing.Count} missing\n" + string.Join('\n', Missing.Select(static finding => $"  {finding}"));

    internal static BpfPreflight Check(IKernel kernel, BpfObjectSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        using var checks = new PreflightChecks(kernel, spec);
        return new BpfPreflight(spec.Name, checks.Run());
    }
}

/// <summary>One thing an object needs and this machine, or this process, does not give.</summary>
/// <param name="Subject">What it is, such as <c>Helper bpf_loop</c>.</param>
/// <param name="State"><see cref="BpfFeatureState.Absent"/> where the kernel lacks it; <see cref="BpfFeatureState.Refused"/> where it, or finding out, was refused.</param>
/// <param name="Detail">What the kernel answered, and since which release there is such a thing.</param>
/// <param name="NeededBy">The program, map or function that needs it, by its name in C; empty for the object as a whole.</param>
public sealed record BpfPreflightFinding(string Subject, BpfFeatureState State, string Detail, string NeededBy)
{
    /// <inheritdoc/>
    public override string ToString()
        => $"{Subject}{(NeededBy.Length > 0 ? $" (for {NeededBy})" : "")}: {(State == BpfFeatureState.Absent ? "absent" : "refused")}{(Detail.Length > 0 ? $", {Detail}" : "")}";
}
