using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>
/// Where a program stands among those that are attached to the same target: for traffic classifiers by link (6.6), netkit devices (6.7) and control groups
/// (6.17). The default is the end.
/// </summary>
public readonly record struct BpfAnchor
{
    private BpfAnchor(BpfAttachFlags flags, uint id = 0, SafeHandle? handle = null)
    {
        Flags = flags;
        Id = id;
        Handle = handle;
    }

    /// <summary>Before all others.</summary>
    public static BpfAnchor First => new(BpfAttachFlags.Before);

    /// <summary>After all others.</summary>
    public static BpfAnchor Last => new(BpfAttachFlags.After);

    /// <summary>Only when the list is as it was when it was queried (<see cref="BpfAttachedPrograms.Revision"/>), else ESTALE; 0, the default, takes it as it is.</summary>
    public ulong ExpectedRevision { get; init; }

    internal BpfAttachFlags Flags { get; }

    internal uint Id { get; }

    internal SafeHandle? Handle { get; }

    /// <summary>True for the default: nothing is asked of the kernel that older ones do not know.</summary>
    internal bool IsDefault => Flags == BpfAttachFlags.None && ExpectedRevision == 0;

    /// <summary>Before a program that is attached there without a link.</summary>
    /// <param name="program">The program.</param>
    /// <exception cref="BpfException">It is not loaded.</exception>
    public static BpfAnchor Before(BpfProgram program) => At(BpfAttachFlags.Before, program);

    /// <summary>After a program that is attached there without a link.</summary>
    /// <param name="program">The program.</param>
    /// <exception cref="BpfException">It is not loaded.</exception>
    public static BpfAnchor After(BpfProgram program) => At(BpfAttachFlags.After, program);

    /// <summary>Before what a link attaches there.</summary>
    /// <param name="link">The link.</param>
    /// <exception cref="BpfException">It is no link to the kernel.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public static BpfAnchor Before(BpfProgramLink link) => At(BpfAttachFlags.Before, link);

    /// <summary>After what a link attaches there.</summary>
    /// <param name="link">The link.</param>
    /// <exception cref="BpfException">It is no link to the kernel.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public static BpfAnchor After(BpfProgramLink link) => At(BpfAttachFlags.After, link);

    /// <summary>Before a program of another process, by the kernel's number of it.</summary>
    /// <param name="id">The number of the program.</param>
    public static BpfAnchor BeforeProgram(uint id) => new(BpfAttachFlags.Before | BpfAttachFlags.ById, id);

    /// <summary>After a program of another process, by the kernel's number of it.</summary>
    /// <param name="id">The number of the program.</param>
    public static BpfAnchor AfterProgram(uint id) => new(BpfAttachFlags.After | BpfAttachFlags.ById, id);

    /// <summary>Before a link of another process, by the kernel's number of it.</summary>
    /// <param name="id">The number of the link.</param>
    public static BpfAnchor BeforeLink(uint id) => new(BpfAttachFlags.Before | BpfAttachFlags.ById | BpfAttachFlags.OfLink, id);

    /// <summary>After a link of another process, by the kernel's number of it.</summary>
    /// <param name="id">The number of the link.</param>
    public static BpfAnchor AfterLink(uint id) => new(BpfAttachFlags.After | BpfAttachFlags.ById | BpfAttachFlags.OfLink, id);

    /// <summary>Holds what it stands next to open while the kernel is asked.</summary>
    internal HeldHandle? Hold() => Handle is null ? null : new HeldHandle(Handle);

    private static BpfAnchor At(BpfAttachFlags side, BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return new BpfAnchor(side, handle: program.Loaded);
    }

    private static BpfAnchor At(BpfAttachFlags side, BpfProgramLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return new BpfAnchor(side | BpfAttachFlags.OfLink, handle: link.KernelHandle);
    }
}
