namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>One feature that an object requires of the kernel.</summary>
/// <param name="Kind">The kind of feature.</param>
/// <param name="Number">Its number in the kernel's enum; 0 when it has none.</param>
/// <param name="Name">Its name, such as <c>bpf_loop</c> or <c>RingBuf</c>.</param>
/// <param name="Since">The first release that is known to have it; null when it is not known.</param>
/// <param name="CName">The C name of the program, map or called function that requires it; empty for a requirement of the whole object.</param>
internal sealed record KernelRequirement(RequirementKind Kind, int Number, string Name, Version? Since, string CName)
{
    /// <summary>The type of the program that requires it; Unspec when it is not a single program.</summary>
    public BpfProgramType ProgramType { get; init; }

    /// <summary>True for a helper that programs of <see cref="ProgramType"/> can call only since a later release than others.</summary>
    public bool IsLaterForType { get; init; }

    /// <summary>The last release that is known not to have it, when the releases between it and <see cref="Since"/> were not examined; else null.</summary>
    public Version? Lacking { get; init; }

    /// <summary>The section and offset in bytes of the instruction that requires it; null when it is not an instruction.</summary>
    public (string Section, uint Offset)? Place { get; init; }

    /// <summary>
    /// True when the object can be loaded without it: the C tests for it (<c>bpf_core_enum_value_exists</c>), declares it <c>__weak</c>, or disables its program
    /// (<c>SEC("?…")</c>).
    /// </summary>
    public bool IsOptional { get; init; }

    /// <summary>The feature as the start of a sentence.</summary>
    public string Subject => Kind switch
    {
        RequirementKind.ProgramType => $"Programs of type {Name}",
        RequirementKind.AttachType => $"Attaching by {Name}",
        RequirementKind.MapType => $"Maps of type {Name}",
        RequirementKind.KernelFunction => $"Kernel function {Name}",
        RequirementKind.Helper => IsLaterForType ? $"Helper {Name} in programs of type {ProgramType}" : $"Helper {Name}",
        _ => Name,
    };

    /// <summary>Returns true when a release is known not to have it.</summary>
    public bool IsNewerThan(Version release) => Lacking is not null ? release <= Lacking : Since is not null && release < Since;
}

/// <summary>The kind of a feature that an object requires of the kernel.</summary>
internal enum RequirementKind
{
    /// <summary>A type of program.</summary>
    ProgramType,

    /// <summary>An attach type.</summary>
    AttachType,

    /// <summary>A type of map.</summary>
    MapType,

    /// <summary>A helper.</summary>
    Helper,

    /// <summary>A kernel function that programs may call.</summary>
    KernelFunction,

    /// <summary>Another feature of the kernel's loader or verifier.</summary>
    Feature,
}
