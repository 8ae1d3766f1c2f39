using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program that is already loaded, opened to inspect or test it. Disposing it closes the descriptor; the program stays loaded as long as others hold it.</summary>
public sealed class BpfOpenedProgram : BpfProgram, IBpfPacketTest, IBpfContextTest, IDisposable
{
    private BpfOpenedProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Opens a program by its ID. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The kernel's ID of the program.</param>
    /// <exception cref="BpfSyscallException">There is no program with that ID (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfOpenedProgram OpenId(uint id) => Of(ObjectIds.Programs.Open(LinuxKernel.Instance, id));

    /// <summary>Opens a program by its name, of which the kernel keeps 15 bytes. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="name">The C function.</param>
    /// <exception cref="BpfException">There is no program with that name, or more than one; the message lists their IDs.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfOpenedProgram OpenName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return OpenId(OneOf.Name("program", name, BpfProgramInfo.List().Where(info => KernelText.IsName(info.Name, name)).Select(static info => info.Id)));
    }

    /// <summary>Opens the program that is pinned at a path. Needs CAP_BPF if unprivileged BPF is disabled, and read permission for the file.</summary>
    /// <param name="path">The file in a BPF file system.</param>
    /// <exception cref="BpfException">Something else is pinned there.</exception>
    /// <exception cref="BpfSyscallException">Nothing is pinned there (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfOpenedProgram OpenPinned(string path) => Of(ObjectPins.Open(LinuxKernel.Instance, path, ObjectKind.Program));

    /// <summary>Closes the descriptor.</summary>
    public void Dispose() => Unload();

    private static BpfOpenedProgram Of(BpfHandle handle)
    {
        try
        {
            var info = new BpfProgramInfo(ObjectInfo.Program(handle));
            return new BpfOpenedProgram(new BpfProgramDescriptor(handle.Kernel, info.Name, info.Type) { Handle = handle });
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
