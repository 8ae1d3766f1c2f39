namespace Hypermesh.Bpf;

/// <summary>What stands behind a refused permission.</summary>
public enum BpfRefusal
{
    /// <summary>The process lacks a capability.</summary>
    Capability,

    /// <summary>Kernel lockdown (integrity or confidentiality) forbids it to everyone.</summary>
    Lockdown,

    /// <summary>The process has what it needs, and the kernel refuses all the same: a security module, a kernel built or run without that hook, a user namespace without a BPF token.</summary>
    KernelPolicy,

    /// <summary>A resource limit: locked memory on kernels before 5.11, or open descriptors.</summary>
    ResourceLimit,

    /// <summary>The map itself: it is frozen, or was made read-only or write-only for user space.</summary>
    MapAccess,

    /// <summary>Not known: what the process may do cannot be read, because <c>/proc</c> is not mounted.</summary>
    Unknown,
}
