namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>What else the loader does for programs of a section.</summary>
[Flags]
public enum SectionFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The expected attach type is always sent.</summary>
    AttachTypeRequired = 1,

    /// <summary>The expected attach type is left out on kernels that do not know it (before 4.17).</summary>
    AttachTypeOptional = 2,

    /// <summary>The target is a kernel type, found in BTF when the program is loaded.</summary>
    BtfTarget = 4,

    /// <summary>The program may sleep.</summary>
    Sleepable = 8,

    /// <summary>The program takes XDP frames of several buffers (5.18).</summary>
    XdpFrags = 16,

    /// <summary>A static probe of a user program: loaded for uprobe.multi where the kernel has it.</summary>
    Usdt = 32,
}
