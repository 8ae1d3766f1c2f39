namespace Hypermesh.Bpf;

/// <summary>Flags of an operation on one element, as the kernel numbers them; those of <see cref="UpdateMode"/> are the lowest of them.</summary>
[Flags]
internal enum ElementFlags : ulong
{
    None = 0,

    /// <summary><c>BPF_EXIST</c></summary>
    Exists = 2,

    /// <summary><c>BPF_F_LOCK</c></summary>
    Lock = 4,

    /// <summary><c>BPF_F_CPU</c>; the CPU's number is the upper half.</summary>
    OneCpu = 8,

    /// <summary><c>BPF_F_ALL_CPUS</c></summary>
    AllCpus = 16,
}
