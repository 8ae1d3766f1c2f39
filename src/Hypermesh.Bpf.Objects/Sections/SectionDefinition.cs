namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>One row of the table: what a program in such a section is, and how it is attached.</summary>
/// <param name="Name">The section's name, or its part before the <c>/</c>.</param>
/// <param name="Match">How the name is compared.</param>
/// <param name="ProgramType">The program's type.</param>
/// <param name="AttachType">The expected attach type; 0 where the type has none.</param>
/// <param name="Flags">What else is done at load.</param>
/// <param name="Attach">How it is attached.</param>
internal sealed record SectionDefinition(
    string Name,
    SectionMatch Match,
    BpfProgramType ProgramType,
    BpfAttachType AttachType,
    SectionFlags Flags,
    AttachKind Attach)
{
    /// <summary>Stands for a section no row matches; such a program cannot be loaded until its type is known.</summary>
    public static SectionDefinition Unknown { get; } = new("", SectionMatch.Exact, BpfProgramType.Unspec, default, SectionFlags.None, AttachKind.None);

    /// <summary>True for a probe that runs when the function returns.</summary>
    internal bool IsReturn { get; init; }

    /// <summary>Compares a section's name with this row.</summary>
    /// <param name="sectionName">The name without a leading <c>?</c>.</param>
    /// <returns>True when the row is the section's.</returns>
    public bool Matches(string sectionName)
        => string.Equals(sectionName, Name, StringComparison.Ordinal)
            || (Match == SectionMatch.NameOrPrefix
                && sectionName.Length > Name.Length
                && sectionName[Name.Length] == '/'
                && sectionName.StartsWith(Name, StringComparison.Ordinal));

    /// <summary>What follows the row's name and the slash, such as <c>sched_switch</c> in <c>tp_btf/sched_switch</c>.</summary>
    /// <param name="sectionName">A name this row matches.</param>
    /// <returns>The target, or null where none is named.</returns>
    public string? TargetOf(string sectionName)
        => Match == SectionMatch.NameOrPrefix && sectionName.Length > Name.Length + 1 ? sectionName.Substring(Name.Length + 1) : null;
}

/// <summary>What else the loader does for programs of a section.</summary>
[Flags]
internal enum SectionFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The expected attach type is always sent.</summary>
    AttachTypeRequired = 1,

    /// <summary>The expected attach type is left out on kernels that do not know it (before 4.17).</summary>
    AttachTypeOptional = 2,

    /// <summary>The target is a kernel type, found in BTF when the program is loaded.</summary>
    BtfTarget = 4,

    /// <summary>The program may sleep.</summary>
    Sleepable = 8,

    /// <summary>The program takes XDP frames of several buffers (5.18).</summary>
    XdpFrags = 16,

    /// <summary>A static probe of a user program: loaded for uprobe.multi where the kernel has it.</summary>
    Usdt = 32,
}

/// <summary>How a section's name is compared with a row of the table.</summary>
internal enum SectionMatch
{
    /// <summary>The whole name.</summary>
    Exact,

    /// <summary>The whole name, or the name followed by <c>/</c> and a target.</summary>
    NameOrPrefix,
}
