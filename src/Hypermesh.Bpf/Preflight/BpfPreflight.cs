using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Preflight;

namespace Hypermesh.Bpf;

/// <summary>
/// Lists everything that this machine lacks for an object, while loading reports only the first thing. Each type of program and map and each helper is probed; kernel
/// functions, options and targets are looked up. Nothing that could run is loaded, and nothing is attached.
/// </summary>
public sealed class BpfPreflight
{
    /// <summary>The subject of the finding for missing capabilities.</summary>
    public const string Capabilities = "Capabilities";

    private readonly string _name;

    private BpfPreflight(string name, IReadOnlyList<BpfPreflightFinding> missing)
    {
        _name = name;
        Missing = missing;
    }

    /// <summary>What is missing. Optional parts of the object (<c>SEC("?…")</c>, <c>__weak</c>, a helper that the C tests for before it is called) are not listed.</summary>
    public IReadOnlyList<BpfPreflightFinding> Missing { get; }

    /// <summary>True if nothing is missing: only the verifier or lack of memory can still make the load fail.</summary>
    public bool IsReady => Missing.Count == 0;

    /// <summary>Checks the running kernel and this process. Needs no capability; without those of <see cref="BpfObject.Load"/>, they are the first finding, and what only probing with them can show is not listed.</summary>
    /// <param name="spec">The object; programs and maps that it leaves out do not count.</param>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfPreflight Check(BpfObjectSpec spec) => Check(LinuxKernel.Instance, spec);

    /// <summary>Returns a line with the number of findings, then one line for each finding.</summary>
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

/// <summary>One thing that an object needs and this machine or this process does not have.</summary>
/// <param name="Subject">What is missing, such as <c>Helper bpf_loop</c>.</param>
/// <param name="State"><see cref="BpfFeatureState.Absent"/> if the kernel does not support it; <see cref="BpfFeatureState.Refused"/> if it, or the probe, was denied.</param>
/// <param name="Detail">The kernel's error, and the first release that supports it.</param>
/// <param name="NeededBy">The name in C of the program, map or function that needs it; empty for the whole object.</param>
public sealed record BpfPreflightFinding(string Subject, BpfFeatureState State, string Detail, string NeededBy)
{
    /// <inheritdoc/>
    public override string ToString()
        => $"{Subject}{(NeededBy.Length > 0 ? $" (for {NeededBy})" : "")}: {(State == BpfFeatureState.Absent ? "absent" : "refused")}{(Detail.Length > 0 ? $", {Detail}" : "")}";
}
