namespace Hypermesh.Bpf.Abi;

/// <summary>Flags of map creation, with the kernel's values.</summary>
[Flags]
internal enum MapFlags : uint
{
    None = 0,
    NoPreallocation = 1u << 0,
    NumaNode = 1u << 2,
    ReadOnly = 1u << 3,
    WriteOnly = 1u << 4,
    StackBuildId = 1u << 5,
    ReadOnlyForPrograms = 1u << 7,
    Mappable = 1u << 10,
    InnerMap = 1u << 12,
    Link = 1u << 13,
    ValueOfModule = 1u << 15,
    Token = 1u << 16,
    Overwrite = 1u << 19,
}

/// <summary>Flags of <c>BPF_PROG_LOAD</c> (<c>BPF_F_*</c>).</summary>
[Flags]
internal enum ProgramLoadFlags : uint
{
    None = 0,
    Sleepable = 1 << 4,
    XdpHasFrags = 1 << 5,
    Token = 1 << 16,
}
