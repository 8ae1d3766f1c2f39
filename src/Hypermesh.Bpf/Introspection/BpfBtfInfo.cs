using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

/// <summary>Information about BTF in the kernel: its own, a module's, or a loaded object's (4.18; lists 5.4, names 5.11).</summary>
/// <param name="Id">The kernel's ID of the BTF; the first is the kernel's own.</param>
/// <param name="Name"><c>vmlinux</c>, the module's name, or empty for an object's.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsKernel">True for the BTF of the kernel and of modules.</param>
public readonly record struct BpfBtfInfo(uint Id, string Name, uint Size, bool IsKernel)
{
    /// <summary>Lists all BTF of the machine, in the order of the IDs. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy denies the call.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfBtfInfo> List()
    {
        var all = new List<BpfBtfInfo>();
        foreach (LoadedBtf btf in LoadedBtf.OpenAll(LinuxKernel.Instance))
        {
            using (btf)
            {
                all.Add(new BpfBtfInfo(btf.Id, btf.Name, btf.Size, btf.IsKernel));
            }
        }

        return all;
    }

    /// <summary>Reads the types of a BTF by its ID. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The kernel's ID of the BTF.</param>
    /// <returns>The types; those of a module are based on a copy of the kernel's.</returns>
    /// <exception cref="BpfSyscallException">There is no BTF with that ID (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BtfTypes ReadTypes(uint id) => LoadedBtf.ReadTypes(LinuxKernel.Instance, id);
}
