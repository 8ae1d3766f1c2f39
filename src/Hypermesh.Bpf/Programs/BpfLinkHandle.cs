using System.Runtime.InteropServices;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Links;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A link this process has not made: opened by its pin or by its number. It stays attached when this is disposed, unless this is its last holder.</summary>
public sealed class BpfLinkHandle : IDisposable
{
    private readonly BpfHandle _handle;

    private BpfLinkHandle(BpfHandle handle)
    {
        _handle = handle;
        Id = ObjectInfo.Link(handle).Id;
    }

    /// <summary>The kernel's number of the link.</summary>
    public uint Id { get; }

    /// <summary>The descriptor, for calls this SDK does not make.</summary>
    public SafeHandle Handle => _handle;

    /// <summary>Opens a link that is pinned in the BPF file system (5.7). Needs CAP_BPF, or the file's permission.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>.</param>
    /// <returns>The link; the caller closes it.</returns>
    /// <exception cref="BpfException">What is pinned there is no link.</exception>
    /// <exception cref="BpfSyscallException">Nothing is pinned there (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfLinkHandle OpenPinned(string path) => OpenPinned(LinuxKernel.Instance, path);

    /// <summary>Opens a link by the kernel's number of it (5.8). Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The number.</param>
    /// <returns>The link; the caller closes it.</returns>
    /// <exception cref="BpfSyscallException">There is none of that number (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfLinkHandle OpenId(uint id) => Own(ObjectIds.Links.Open(LinuxKernel.Instance, id));

    /// <summary>What the kernel says about the link (5.8).</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public BpfLinkInfo GetInfo() => LinkInfoReader.Read(_handle);

    /// <summary>Puts another program in place of the link's (5.7).</summary>
    /// <param name="program">The new program, of the same type.</param>
    /// <param name="expected">Only in place of this one; null: of whichever is there.</param>
    /// <exception cref="BpfException">A program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EPERM: its program is not the expected one; ENOLINK: what it was attached to is gone, so that the pin is removed and the program attached anew; EINVAL: the program or the kind of link is not one for it.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Update(BpfProgram program, BpfProgram? expected = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        LinkCalls.Update(_handle, program.Loaded, expected?.Loaded, $"Putting program {program.Name} into link {Id}", program, expected);
    }

    /// <summary>Detaches, whoever else holds the link (5.9). Needs CAP_BPF and what attaching needed.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EOPNOTSUPP: links of this kind end with their last holder only.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void ForceDetach() => LinkCalls.ForceDetach(_handle, $"Detaching link {Id}");

    /// <summary>Pins the link in the BPF file system (5.7), beside the pins it has already. A missing directory is created.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>; its last part has no dot.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: the path is taken; the message says by what.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Pin(string path) => ObjectPins.Pin(_handle, path, $"Pinning link {Id}");

    /// <summary>Removes a pin. The link stays while anyone holds it.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="BpfSyscallException">It is not there (ENOENT), or may not be removed.</exception>
    public void Unpin(string path) => ObjectPins.Remove(_handle.Kernel, path, $"Unpinning link {Id}");

    /// <summary>Closes the descriptor.</summary>
    public void Dispose() => _handle.Dispose();

    internal static BpfLinkHandle OpenPinned(IKernel kernel, string path) => Own(ObjectPins.Open(kernel, path, ObjectKind.Link));

    private static BpfLinkHandle Own(BpfHandle handle)
    {
        try
        {
            return new BpfLinkHandle(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
