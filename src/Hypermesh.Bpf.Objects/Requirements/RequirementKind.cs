namespace Hypermesh.Bpf.Objects.Requirements;

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
