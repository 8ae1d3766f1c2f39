using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>BTF loaded in the kernel: its own, a module's, or a loaded object's (4.18; IDs 5.4, names 5.11). Opening by ID requires CAP_SYS_ADMIN.</summary>
internal sealed unsafe class LoadedBtf : IDisposable
{
    private const string KernelName = "vmlinux";
    private const int LongestName = 64;

    private LoadedBtf(BpfHandle handle, RawBtfInfo info, string name)
    {
        Handle = handle;
        Id = info.Id;
        Size = info.BtfSize;
        Name = name;
        IsKernel = info.KernelBtf != 0;
    }

    internal BpfHandle Handle { get; }

    internal uint Id { get; }

    /// <summary>The size in bytes.</summary>
    internal uint Size { get; }

    /// <summary><c>vmlinux</c>, the name of a module, or empty.</summary>
    internal string Name { get; }

    /// <summary>True for the BTF of the kernel and of modules.</summary>
    internal bool IsKernel { get; }

    internal bool IsModule => IsKernel && Name != KernelName;

    public void Dispose() => Handle.Dispose();

    /// <summary>Opens a BTF object by its ID.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="id">The ID.</param>
    /// <param name="objectName">The object of the program whose types they are, for messages.</param>
    /// <param name="program">That program.</param>
    /// <exception cref="BpfSyscallException">There is no BTF with that ID (ENOENT), or the kernel rejected the call.</exception>
    internal static LoadedBtf Open(IKernel kernel, uint id, string? objectName = null, string? program = null)
        => Read(ObjectIds.Btf.Open(kernel, id, objectName, program));

    /// <summary>Opens all BTF objects; the caller disposes each.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected a call.</exception>
    internal static IEnumerable<LoadedBtf> OpenAll(IKernel kernel) => ObjectIds.Btf.OpenAll(kernel).Select(Read);

    /// <summary>Reads the types with an ID; those of a module are based on a copy of the kernel's.</summary>
    /// <exception cref="BpfSyscallException">There is no BTF with that ID (ENOENT), or the kernel rejected a call.</exception>
    internal static BtfTypes ReadTypes(IKernel kernel, uint id)
    {
        using LoadedBtf btf = Open(kernel, id);
        string source = btf.Name.Length > 0 ? btf.Name : $"BTF {id}";
        if (!btf.IsModule)
        {
            return btf.ReadTypes(source);
        }

        foreach (LoadedBtf other in OpenAll(kernel))
        {
            using (other)
            {
                if (other is { IsKernel: true, IsModule: false })
                {
                    return btf.ReadTypes(source, other.ReadTypes(KernelName));
                }
            }
        }

        return btf.ReadTypes(source);
    }

    /// <summary>Reads the types.</summary>
    /// <param name="source">A name for messages.</param>
    /// <param name="base">The kernel's types, for those of a module.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    internal BtfTypes ReadTypes(string source, BtfTypes? @base = null)
    {
        byte[] blob = new byte[Size];
        fixed (byte* start = blob)
        {
            RawBtfInfo info = default;
            info.Btf = (ulong)start;
            info.BtfSize = Size;
            ObjectInfo.Btf(Handle, ref info);
        }

        return BtfTypes.Read(blob, source, @base);
    }

    // Owns the handle from here on.
    private static LoadedBtf Read(BpfHandle handle)
    {
        try
        {
            return Describe(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static LoadedBtf Describe(BpfHandle handle)
    {
        byte* name = stackalloc byte[LongestName];
        new Span<byte>(name, LongestName).Clear();
        RawBtfInfo info = default;
        info.Name = (ulong)name;
        info.NameLen = LongestName;
        ObjectInfo.Btf(handle, ref info, tolerated: Errno.E2BIG);
        if (info.Id == 0)
        {
            // Kernels before 5.11 reject a buffer for the name.
            info = ObjectInfo.Btf(handle);
        }

        return new LoadedBtf(handle, info, KernelText.Utf8(new ReadOnlySpan<byte>(name, LongestName)));
    }
}
