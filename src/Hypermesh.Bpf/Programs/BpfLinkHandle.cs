using System.Runtime.InteropServices;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Links;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A link that was opened by its pin or by its ID. Disposing this does not detach it, unless this is its last reference.</summary>
public sealed class BpfLinkHandle : IDisposable
{
    private readonly BpfHandle _handle;

    private BpfLinkHandle(BpfHandle handle)
    {
        _handle = handle;
        Id = ObjectInfo.Link(handle).Id;
    }

    /// <summary>The kernel's ID of the link.</summary>
    public uint Id { get; }

    /// <summary>The descriptor, for calls that this SDK does not provide.</summary>
    public SafeHandle Handle => _handle;

    /// <summary>Opens a link that is pinned in the BPF file system (5.7). Needs CAP_BPF, or permission for the file.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>.</param>
    /// <returns>The link; the caller closes it.</returns>
    /// <exception cref="BpfException">The pinned object is not a link.</exception>
    /// <exception cref="BpfSyscallException">Nothing is pinned there (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfLinkHandle OpenPinned(string path) => OpenPinned(LinuxKernel.Instance, path);

    /// <summary>Opens a link by its ID (5.8). Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The kernel's ID of the link.</param>
    /// <returns>The link; the caller closes it.</returns>
    /// <exception cref="BpfSyscallException">There is no link with that ID (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfLinkHandle OpenId(uint id) => Own(ObjectIds.Links.Open(LinuxKernel.Instance, id));

    /// <summary>Reads the kernel's information about the link (5.8).</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public BpfLinkInfo GetInfo() => LinkInfoReader.Read(_handle);

    /// <summary>Replaces the program of the link (5.7).</summary>
    /// <param name="program">The new program, of the same type.</param>
    /// <param name="expected">The program that must be attached now; null for any.</param>
    /// <exception cref="BpfException">A program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EPERM: its program is not the expected one; ENOLINK: its target no longer exists, so remove the pin and attach the program again; EINVAL: the program has another type, or the link type does not support it.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Update(BpfProgram program, BpfProgram? expected = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        LinkCalls.Update(_handle, program.Loaded, expected?.Loaded, $"Replacing the program of link {Id} with {program.Name}", program, expected);
    }

    /// <summary>Detaches the link, even if others hold it (5.9). Needs CAP_BPF and the capabilities that attaching needs.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EOPNOTSUPP: links of this type can only be detached by closing the last reference.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void ForceDetach() => LinkCalls.ForceDetach(_handle, $"Detaching link {Id}");

    /// <summary>Pins the link in the BPF file system (5.7), in addition to its other pins. A missing directory is created.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/filter</c>; its last part has no dot.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: the path is taken; the message says by what.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Pin(string path) => ObjectPins.Pin(_handle, path, $"Pinning link {Id}");

    /// <summary>Removes a pin. The link stays attached as long as others hold it.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="BpfSyscallException">The pin does not exist (ENOENT), or cannot be removed.</exception>
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
