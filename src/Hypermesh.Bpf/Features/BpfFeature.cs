namespace Hypermesh.Bpf;

/// <summary>What a kernel may have or not, and the SDK finds out by trying.</summary>
public enum BpfFeature
{
    /// <summary>The kernel's own types, <c>/sys/kernel/btf/vmlinux</c> (5.4, CONFIG_DEBUG_INFO_BTF).</summary>
    KernelBtf,

    /// <summary>Loading BTF with an object (4.18).</summary>
    Btf,

    /// <summary>Names of programs and maps (4.15).</summary>
    ObjectNames,

    /// <summary>Globals: maps addressed by their value (5.2).</summary>
    GlobalData,

    /// <summary>Arrays that can be mapped into memory (5.5).</summary>
    MappableArrays,

    /// <summary>Reading many elements by one call (5.6).</summary>
    BatchOperations,

    /// <summary>Ring buffers (5.8).</summary>
    RingBuffer,

    /// <summary>Task storage used from tracing programs (5.12).</summary>
    TaskStorageInTracing,

    /// <summary>Maps and programs count as the memory of their cgroup, and no more against RLIMIT_MEMLOCK (5.11).</summary>
    MemoryAccounting,

    /// <summary>Links to perf events: classic tracepoints and probes (5.15).</summary>
    PerfEventLink,

    /// <summary>Links at all (5.7).</summary>
    Link,

    /// <summary>Task storage at all (5.11).</summary>
    TaskStorage,

    /// <summary>Taking an entry out of a hash map and reading it in one step (5.14).</summary>
    HashTake,

    /// <summary>Reading and writing one CPU's value of a per-CPU element (7.0).</summary>
    PerCpuFlags,

    /// <summary>Programs that run when they are asked to (5.14).</summary>
    SyscallProgram,

    /// <summary>Loops by a callback, <c>bpf_loop</c> (5.17).</summary>
    LoopHelper,

    /// <summary>Links of traffic classifiers, TCX (6.6, CONFIG_NET_XGRESS).</summary>
    TcxLink,

    /// <summary>Functions in an object's types, and with them C lines of programs (5.0).</summary>
    BtfFunctions,

    /// <summary>Global functions in an object's types (5.6).</summary>
    BtfGlobalFunctions,

    /// <summary>Variables and sections in an object's types (5.2).</summary>
    BtfDataSections,

    /// <summary>Sections whose names begin with a question mark in an object's types (6.9).</summary>
    BtfQuestionMarkSections,

    /// <summary>Floating-point numbers in an object's types (5.13).</summary>
    BtfFloat,

    /// <summary>Tags of declarations in an object's types (5.16).</summary>
    BtfDeclarationTags,

    /// <summary>Tags of types in an object's types (5.17).</summary>
    BtfTypeTags,

    /// <summary>Enums of 64 bits, and signed ones, in an object's types (6.0).</summary>
    BtfEnum64,

    /// <summary>A number that is attached along with a program and that it can read, <c>bpf_get_attach_cookie</c> (5.15).</summary>
    AttachCookie,

    /// <summary>Links to many kernel functions at once (5.18, CONFIG_FPROBE).</summary>
    KProbeMultiLink,

    /// <summary>Links to many places of a user program at once, with processes told apart from threads (6.6, and its later fixes).</summary>
    UProbeMultiLink,

    /// <summary>System calls that get their arguments in a struct pt_regs (4.17, CONFIG_ARCH_HAS_SYSCALL_WRAPPER), found out with a kprobe.</summary>
    SyscallWrapper,

    /// <summary>Links of netkit devices (6.7, CONFIG_NETKIT).</summary>
    NetkitLink,

    /// <summary>An order among the programs of a control group (6.17).</summary>
    CGroupOrder,

    /// <summary>The tag of a global function's parameter that gets the program's context, <c>__arg_ctx</c> (6.8).</summary>
    ContextTags,

    /// <summary>Links of typed programs to many kernel functions at once, <c>fentry.multi</c> and its kin (7.2, on x86-64 and where else ftrace has one set of direct calls).</summary>
    TracingMultiLink,

    /// <summary>Jumps through a table, <c>gotox</c> (6.19): what newer compilers make of a large <c>switch</c>.</summary>
    JumpTables,

    /// <summary>Maps, programs and links that are open stay usable to who holds no capability any more (5.19, or unprivileged BPF).</summary>
    UseWithoutCapabilities,
}
