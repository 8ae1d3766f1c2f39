using Hypermesh.Bpf.Errors;
using Xunit.Sdk;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>A row of the table of what takes which capabilities on which kernel: what is done, and what it takes on the kernel that runs.</summary>
/// <param name="What">What is done.</param>
/// <param name="Needs">All it takes.</param>
/// <param name="Prepare">Makes ready for it, as root; what it takes is asked of the act alone.</param>
internal sealed record PrivilegeRow(string What, Capabilities Needs, Func<Prepared> Prepare)
{
    /// <summary>False for what needs a file of root's.</summary>
    internal bool AsNobody { get; init; } = true;

    /// <summary>True where CAP_SYS_ADMIN stands in for CAP_NET_ADMIN.</summary>
    internal bool AdminStandsForNetwork { get; init; } = true;

    /// <summary>The way of attaching, where not every kernel has it.</summary>
    internal BpfAttachType? Hook { get; init; }

    /// <summary>What must be there for it, as trying it shows.</summary>
    internal BpfFeature? Feature { get; init; }

    /// <summary>The C section of the program, where a kernel's policy is known to refuse its kind to everyone.</summary>
    internal string? Section { get; init; }

    /// <summary>True for what only a kernel with kprobes has.</summary>
    internal bool NeedsKProbes { get; init; }

    /// <summary>What it takes in words, for the table.</summary>
    internal string Stated => Needs == Capabilities.None ? "nothing" : CapabilityNames.Of(Needs);

    /// <summary>What it takes from a kernel on, and what before.</summary>
    internal static T From<T>(int major, int minor, T then, T before) => Environment.OSVersion.Version >= new Version(major, minor) ? then : before;

    /// <summary>The rows as a theory's data, each with its trait: the table is made of the reports.</summary>
    internal static TheoryData<string> Data(string stage, IEnumerable<PrivilegeRow> rows)
        => [.. rows.Select(row => new TheoryDataRow<string>(row.What).WithTrait("Needs", $"{stage}: {row.What} = {row.Stated}"))];
}
