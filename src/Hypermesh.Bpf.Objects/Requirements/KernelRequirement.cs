namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>One thing an object asks of the kernel.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Number">Its number in the kernel's enum; 0 for what has none.</param>
/// <param name="Name">What it is called: <c>bpf_loop</c>, <c>RingBuf</c>.</param>
/// <param name="Since">The first release that is known to have it; null where that is not known.</param>
/// <param name="CName">Whose it is, by its name in C: a program, a map, the function that is called; empty for the whole object's.</param>
internal sealed record KernelRequirement(RequirementKind Kind, int Number, string Name, Version? Since, string CName)
{
    /// <summary>The type of the program that asks, Unspec where no one program does.</summary>
    public BpfProgramType ProgramType { get; init; }

    /// <summary>The last release that is known not to have it, where <see cref="Since"/> is only the first one looked at; else null.</summary>
    public Version? Lacking { get; init; }

    /// <summary>The section of the instruction that asks, and its place there in bytes; null for what no instruction does.</summary>
    public (string Section, uint Offset)? Place { get; init; }

    /// <summary>True for what the C does without: it asks first (<c>bpf_core_enum_value_exists</c>), declares it <c>__weak</c>, or leaves its program out (<c>SEC("?…")</c>).</summary>
    public bool IsOptional { get; init; }

    /// <summary>What it is, as a sentence begins.</summary>
    public string Subject => Kind switch
    {
        RequirementKind.ProgramType => $"Programs of type {Name}",
        RequirementKind.AttachType => $"Attaching by {Name}",
        RequirementKind.MapType => $"Maps of type {Name}",
        RequirementKind.KernelFunction => $"Kernel function {Name}",
        RequirementKind.Helper => $"Helper {Name}",
        _ => Name,
    };

    /// <summary>True when a release is known not to have it.</summary>
    public bool IsNewerThan(Version release) => Lacking is not null ? release <= Lacking : Since is not null && release < Since;
}

/// <summary>What a kernel must have.</summary>
internal enum RequirementKind
{
    /// <summary>A type of program.</summary>
    ProgramType,

    /// <summary>A way of attaching.</summary>
    AttachType,

    /// <summary>A type of map.</summary>
    MapType,

    /// <summary>A helper.</summary>
    Helper,

    /// <summary>A function of the kernel that programs may call.</summary>
    KernelFunction,

    /// <summary>Something else of the loader's or the verifier's.</summary>
    Feature,
}
