using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

/// <summary>What the kernel says about BTF it holds: its own, a module's, a loaded object's (4.18; names and lists 5.4 and 5.11).</summary>
/// <param name="Id">The kernel's number of it; the first is the kernel's own.</param>
/// <param name="Name"><c>vmlinux</c>, the module's name, or empty for an object's.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsKernel">True for the kernel's own and for modules'.</param>
public readonly record struct BpfBtfInfo(uint Id, string Name, uint Size, bool IsKernel)
{
    private const string KernelName = "vmlinux";

    /// <summary>All BTF of the machine, by number. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfBtfInfo> List() => List(LinuxKernel.Instance);

    /// <summary>The types behind a number. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The kernel's number of the BTF.</param>
    /// <returns>The types; a module's stand on a copy of the kernel's.</returns>
    /// <exception cref="BpfSyscallException">There is none of that number (ENOENT), or the kernel refused.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BtfTypes ReadTypes(uint id) => ReadTypes(LinuxKernel.Instance, id);

    internal static BtfTypes ReadTypes(IKernel kernel, uint id)
    {
        using BpfHandle handle = ObjectIds.Btf.Open(kernel, id);
        BpfBtfInfo info = Read(handle);
        bool isModule = info.IsKernel && info.Name != KernelName;
        BtfTypes? @base = isModule ? ReadTypes(kernel, List(kernel).First(static btf => btf is { IsKernel: true, Name: KernelName }).Id) : null;
        return BtfTypes.Read(ReadBlob(handle, info.Size), info.Name.Length > 0 ? info.Name : $"BTF {id}", @base);
    }

    private static List<BpfBtfInfo> List(IKernel kernel) => ObjectIds.Btf.List(kernel, Read);

    private static unsafe BpfBtfInfo Read(BpfHandle handle)
    {
        byte* name = stackalloc byte[64];
        new Span<byte>(name, 64).Clear();
        RawBtfInfo info = default;
        info.Name = (ulong)name;
        info.NameLen = 64;
        ObjectInfo.Btf(handle, ref info, tolerated: Errno.E2BIG);
        if (info.Id == 0)
        {
            // Before 5.11 types have no name, and a place for one is too much.
            info = ObjectInfo.Btf(handle);
        }

        return new BpfBtfInfo(info.Id, KernelText.Utf8(new ReadOnlySpan<byte>(name, 64)), info.BtfSize, info.KernelBtf != 0);
    }

    private static unsafe byte[] ReadBlob(BpfHandle handle, uint size)
    {
        byte[] blob = new byte[size];
        fixed (byte* start = blob)
        {
            RawBtfInfo info = default;
            info.Btf = (ulong)start;
            info.BtfSize = size;
            ObjectInfo.Btf(handle, ref info);
        }

        return blob;
    }
}
