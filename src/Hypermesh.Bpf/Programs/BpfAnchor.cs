using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>
/// The place of a program among those attached to the same target: for traffic classifiers by link (6.6), netkit devices (6.7) and control groups
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

    /// <summary>The expected revision of the list (<see cref="BpfAttachedPrograms.Revision"/>): if the list has changed, attaching fails with ESTALE; 0, the default, accepts any revision.</summary>
    public ulong ExpectedRevision { get; init; }

    internal BpfAttachFlags Flags { get; }

    internal uint Id { get; }

    internal SafeHandle? Handle { get; }

    /// <summary>True for the default, which older kernels support too.</summary>
    internal bool IsDefault => Flags == BpfAttachFlags.None && ExpectedRevision == 0;

    /// <summary>Before a program that is attached there without a link.</summary>
    /// <param name="program">The program.</param>
    /// <exception cref="BpfException">It is not loaded.</exception>
    public static BpfAnchor Before(BpfProgram program) => At(BpfAttachFlags.Before, program);

    /// <summary>After a program that is attached there without a link.</summary>
    /// <param name="program">The program.</param>
    /// <exception cref="BpfException">It is not loaded.</exception>
    public static BpfAnchor After(BpfProgram program) => At(BpfAttachFlags.After, program);

    /// <summary>Before the program that a link attaches there.</summary>
    /// <param name="link">The link.</param>
    /// <exception cref="BpfException">The program is attached without a link.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public static BpfAnchor Before(BpfProgramLink link) => At(BpfAttachFlags.Before, link);

    /// <summary>After the program that a link attaches there.</summary>
    /// <param name="link">The link.</param>
    /// <exception cref="BpfException">The program is attached without a link.</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public static BpfAnchor After(BpfProgramLink link) => At(BpfAttachFlags.After, link);

    /// <summary>Before a program of another process, by its ID.</summary>
    /// <param name="id">The kernel's ID of the program.</param>
    public static BpfAnchor BeforeProgram(uint id) => new(BpfAttachFlags.Before | BpfAttachFlags.ById, id);

    /// <summary>After a program of another process, by its ID.</summary>
    /// <param name="id">The kernel's ID of the program.</param>
    public static BpfAnchor AfterProgram(uint id) => new(BpfAttachFlags.After | BpfAttachFlags.ById, id);

    /// <summary>Before a link of another process, by its ID.</summary>
    /// <param name="id">The kernel's ID of the link.</param>
    public static BpfAnchor BeforeLink(uint id) => new(BpfAttachFlags.Before | BpfAttachFlags.ById | BpfAttachFlags.OfLink, id);

    /// <summary>After a link of another process, by its ID.</summary>
    /// <param name="id">The kernel's ID of the link.</param>
    public static BpfAnchor AfterLink(uint id) => new(BpfAttachFlags.After | BpfAttachFlags.ById | BpfAttachFlags.OfLink, id);

    /// <summary>Holds the anchor's program or link open during the system call.</summary>
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
