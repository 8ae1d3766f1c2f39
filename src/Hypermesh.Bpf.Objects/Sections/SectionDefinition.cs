namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>One row of the section table: the type of the programs in a section, and how they are attached.</summary>
/// <param name="Name">The section's name, or the part before the <c>/</c>.</param>
/// <param name="Match">How the name is compared.</param>
/// <param name="ProgramType">The program's type.</param>
/// <param name="AttachType">The expected attach type; 0 when the program type has none.</param>
/// <param name="Flags">Further steps at load.</param>
/// <param name="Attach">How it is attached.</param>
internal sealed record SectionDefinition(
    string Name,
    SectionMatch Match,
    BpfProgramType ProgramType,
    BpfAttachType AttachType,
    SectionFlags Flags,
    AttachKind Attach)
{
    /// <summary>The definition for a section that no row matches. Its programs have no type and cannot be loaded.</summary>
    public static SectionDefinition Unknown { get; } = new("", SectionMatch.Exact, BpfProgramType.Unspec, default, SectionFlags.None, AttachKind.None);

    /// <summary>True for a probe that runs when the function returns.</summary>
    internal bool IsReturn { get; init; }

    /// <summary>Compares a section's name with this row.</summary>
    /// <param name="sectionName">The name without a leading <c>?</c>.</param>
    /// <returns>True when the row applies to the section.</returns>
    public bool Matches(string sectionName)
        => string.Equals(sectionName, Name, StringComparison.Ordinal)
            || (Match == SectionMatch.NameOrPrefix
                && sectionName.Length > Name.Length
                && sectionName[Name.Length] == '/'
                && sectionName.StartsWith(Name, StringComparison.Ordinal));

    /// <summary>Returns the text after the row's name and the slash, such as <c>sched_switch</c> in <c>tp_btf/sched_switch</c>.</summary>
    /// <param name="sectionName">A name that this row matches.</param>
    /// <returns>The target, or null when the name has none.</returns>
    public string? TargetOf(string sectionName)
        => Match == SectionMatch.NameOrPrefix && sectionName.Length > Name.Length + 1 ? sectionName.Substring(Name.Length + 1) : null;
}

/// <summary>Further steps of the loader for programs of a section.</summary>
[Flags]
internal enum SectionFlags
{
    /// <summary>No further step.</summary>
    None = 0,

    /// <summary>The expected attach type is always passed to the kernel.</summary>
    AttachTypeRequired = 1,

    /// <summary>The expected attach type is omitted on kernels that do not support it (before 4.17).</summary>
    AttachTypeOptional = 2,

    /// <summary>The target is looked up in the kernel's BTF when the program is loaded.</summary>
    BtfTarget = 4,

    /// <summary>The program may sleep.</summary>
    Sleepable = 8,

    /// <summary>The program supports XDP frames of several buffers (5.18).</summary>
    XdpFrags = 16,

    /// <summary>The program is a static probe of a user program; it is loaded for uprobe.multi when the kernel supports it.</summary>
    Usdt = 32,
}

/// <summary>The comparison of a section's name with a row of the table.</summary>
internal enum SectionMatch
{
    /// <summary>The whole name.</summary>
    Exact,

    /// <summary>The whole name, or the name followed by <c>/</c> and a target.</summary>
    NameOrPrefix,
}
