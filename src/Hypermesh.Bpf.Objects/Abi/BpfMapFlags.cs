namespace Hypermesh.Bpf;

/// <summary>Flags for the creation of a map. The values are those of the kernel's <c>BPF_F_*</c>.</summary>
[Flags]
public enum BpfMapFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>BPF_F_NO_PREALLOC</c>: memory is allocated when an entry is added, not when the map is created (4.6).</summary>
    NoPreallocation = 1 << 0,

    /// <summary><c>BPF_F_NO_COMMON_LRU</c>: each CPU has an LRU list of its own (4.10).</summary>
    NoCommonLru = 1 << 1,

    /// <summary><c>BPF_F_NUMA_NODE</c>: memory is allocated on the given NUMA node (4.14).</summary>
    NumaNode = 1 << 2,

    /// <summary><c>BPF_F_RDONLY</c>: the descriptor does not permit user space to write (4.15).</summary>
    ReadOnly = 1 << 3,

    /// <summary><c>BPF_F_WRONLY</c>: the descriptor does not permit user space to read (4.15).</summary>
    WriteOnly = 1 << 4,

    /// <summary><c>BPF_F_STACK_BUILD_ID</c>: frames of user stacks are stored as build ID and offset, not as addresses (4.17).</summary>
    StackBuildId = 1 << 5,

    /// <summary><c>BPF_F_ZERO_SEED</c>: the seed of the hash function is 0, for tests (5.0).</summary>
    ZeroSeed = 1 << 6,

    /// <summary><c>BPF_F_RDONLY_PROG</c>: programs cannot write (5.2).</summary>
    ReadOnlyForPrograms = 1 << 7,

    /// <summary><c>BPF_F_WRONLY_PROG</c>: programs cannot read (5.2).</summary>
    WriteOnlyForPrograms = 1 << 8,

    /// <summary><c>BPF_F_CLONE</c>: socket storage of a listener is copied to the sockets it accepts (5.4).</summary>
    Clone = 1 << 9,

    /// <summary><c>BPF_F_MMAPABLE</c>: user space can map the values into its memory (5.5).</summary>
    Mappable = 1 << 10,

    /// <summary><c>BPF_F_PRESERVE_ELEMS</c>: perf events stay in the map when the descriptor that added them is closed (5.10).</summary>
    PreserveElements = 1 << 11,

    /// <summary><c>BPF_F_INNER_MAP</c>: an array can be an inner map although its number of entries differs from that of the template (5.10).</summary>
    InnerMap = 1 << 12,

    /// <summary><c>BPF_F_LINK</c>: a struct_ops map is registered by a link (6.4). The loader sets it.</summary>
    Link = 1 << 13,

    /// <summary><c>BPF_F_VTYPE_BTF_OBJ_FD</c>: the type of the value belongs to a module (6.9). The loader sets it.</summary>
    ValueOfModule = 1 << 15,

    /// <summary><c>BPF_F_TOKEN_FD</c>: a BPF token permits the creation (6.9). The loader sets it.</summary>
    Token = 1 << 16,

    /// <summary><c>BPF_F_SEGV_ON_FAULT</c>: access from user space to an arena page that is not allocated raises SIGSEGV (6.9).</summary>
    SegvOnFault = 1 << 17,

    /// <summary><c>BPF_F_NO_USER_CONV</c>: pointers that programs write to the arena are not converted to addresses of user space (6.9).</summary>
    NoUserConversion = 1 << 18,

    /// <summary><c>BPF_F_RB_OVERWRITE</c>: programs overwrite the oldest records of a full ring buffer (6.19).</summary>
    Overwrite = 1 << 19,
}
