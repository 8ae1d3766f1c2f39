namespace Hypermesh.Bpf;

/// <summary>Kernel features that the SDK probes.</summary>
public enum BpfFeature
{
    /// <summary>The kernel's own types, <c>/sys/kernel/btf/vmlinux</c> (5.4, CONFIG_DEBUG_INFO_BTF).</summary>
    KernelBtf,

    /// <summary>Loading BTF with an object (4.18).</summary>
    Btf,

    /// <summary>Names of programs and maps (4.15).</summary>
    ObjectNames,

    /// <summary>Global variables: direct access to map values (5.2).</summary>
    GlobalData,

    /// <summary>Arrays that can be mapped into memory (5.5).</summary>
    MappableArrays,

    /// <summary>Reading many elements with one call (5.6).</summary>
    BatchOperations,

    /// <summary>Ring buffers (5.8).</summary>
    RingBuffer,

    /// <summary>Task storage used from tracing programs (5.12).</summary>
    TaskStorageInTracing,

    /// <summary>Maps and programs count as memory of their cgroup, and no longer against RLIMIT_MEMLOCK (5.11).</summary>
    MemoryAccounting,

    /// <summary>Links to perf events: classic tracepoints and probes (5.15).</summary>
    PerfEventLink,

    /// <summary>Links (5.7).</summary>
    Link,

    /// <summary>Task storage (5.11).</summary>
    TaskStorage,

    /// <summary>Reading and deleting an entry of a hash map in one step (5.14).</summary>
    HashTake,

    /// <summary>Reading and writing one CPU's value of a per-CPU element (7.0).</summary>
    PerCpuFlags,

    /// <summary>Programs of type syscall, which user space runs (5.14).</summary>
    SyscallProgram,

    /// <summary>Loops with a callback, <c>bpf_loop</c> (5.17).</summary>
    LoopHelper,

    /// <summary>Links of traffic classifiers, TCX (6.6, CONFIG_NET_XGRESS).</summary>
    TcxLink,

    /// <summary>Functions in an object's types, which C line information requires (5.0).</summary>
    BtfFunctions,

    /// <summary>Global functions in an object's types (5.6).</summary>
    BtfGlobalFunctions,

    /// <summary>Variables and data sections in an object's types (5.2).</summary>
    BtfDataSections,

    /// <summary>Sections whose names begin with a question mark in an object's types (6.9).</summary>
    BtfQuestionMarkSections,

    /// <summary>Floating-point numbers in an object's types (5.13).</summary>
    BtfFloat,

    /// <summary>Tags of declarations in an object's types (5.16).</summary>
    BtfDeclarationTags,

    /// <summary>Tags of types in an object's types (5.17).</summary>
    BtfTypeTags,

    /// <summary>64-bit and signed enums in an object's types (6.0).</summary>
    BtfEnum64,

    /// <summary>A number passed when a program is attached, which it reads with <c>bpf_get_attach_cookie</c> (5.15).</summary>
    AttachCookie,

    /// <summary>Links to many kernel functions at once (5.18, CONFIG_FPROBE).</summary>
    KProbeMultiLink,

    /// <summary>Links to many places of a user program at once, with processes distinguished from threads (6.6, and its later fixes).</summary>
    UProbeMultiLink,

    /// <summary>System calls that get their arguments in a struct pt_regs (4.17, CONFIG_ARCH_HAS_SYSCALL_WRAPPER), probed with a kprobe.</summary>
    SyscallWrapper,

    /// <summary>Links of netkit devices (6.7, CONFIG_NETKIT).</summary>
    NetkitLink,

    /// <summary>An order among the programs of a control group (6.17).</summary>
    CGroupOrder,

    /// <summary>The tag <c>__arg_ctx</c> on the parameter of a global function that gets the program's context (6.8).</summary>
    ContextTags,

    /// <summary>Links of typed programs to many kernel functions at once, <c>fentry.multi</c>, <c>fexit.multi</c> and <c>fsession.multi</c> (7.2, on x86-64 and other architectures where ftrace has one set of direct calls).</summary>
    TracingMultiLink,

    /// <summary>Jumps through a table, <c>gotox</c> (6.19), which newer compilers emit for a large <c>switch</c>.</summary>
    JumpTables,

    /// <summary>Open maps, programs and links stay usable after the process drops its capabilities (5.19, or unprivileged BPF).</summary>
    UseWithoutCapabilities,
}
