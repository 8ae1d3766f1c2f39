namespace Hypermesh.Bpf.Btf;

/// <summary>BPF_BTF_LOAD (4.18), and BTF by its number (5.1), as they are.</summary>
internal static unsafe class BtfCalls
{
    private const uint TokenFlag = 1u << 16;

    /// <summary>Gives types to the kernel: the descriptor, or the negative errno.</summary>
    internal static long TryLoad(IKernel kernel, ReadOnlySpan<byte> btf, BpfHandle? token = null)
    {
        using HandleUse permission = token is { } handle ? handle.Use() : default;
        fixed (byte* start = btf)
        {
            BtfLoadAttr attributes = default;
            attributes.Btf = (ulong)start;
            attributes.BtfSize = (uint)btf.Length;
            if (token is not null)
            {
                attributes.BtfTokenFd = permission.Descriptor;
                attributes.BtfFlags = TokenFlag;
            }

            return kernel.Bpf(BpfCommand.BtfLoad, &attributes, (uint)sizeof(BtfLoadAttr));
        }
    }

    /// <summary>The number of the next BTF after <paramref name="id"/>, or the negative errno: -ENOENT at the end. Needs CAP_SYS_ADMIN.</summary>
    internal static long TryNext(IKernel kernel, uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.StartId = id;
        long result = kernel.Bpf(BpfCommand.BtfGetNextId, &attributes, (uint)sizeof(ObjectIdAttr));
        return result < 0 ? result : attributes.NextId;
    }

    /// <summary>The descriptor of a BTF, or the negative errno. Needs CAP_SYS_ADMIN.</summary>
    internal static long TryOpen(IKernel kernel, uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.BtfId = id;
        return kernel.Bpf(BpfCommand.BtfGetDescriptorById, &attributes, (uint)sizeof(ObjectIdAttr));
    }

    /// <summary>Fills in what <paramref name="info"/> points to: 0, or the negative errno.</summary>
    internal static long TryInfo(BpfHandle btf, ref RawBtfInfo info)
    {
        using HandleUse use = btf.Use();
        fixed (RawBtfInfo* start = &info)
        {
            ObjectInfoAttr attributes = default;
            attributes.BpfFd = (uint)use.Descriptor;
            attributes.InfoLen = (uint)sizeof(RawBtfInfo);
            attributes.Info = (ulong)start;
            return btf.Kernel.Bpf(BpfCommand.ObjectGetInfoByDescriptor, &attributes, (uint)sizeof(ObjectInfoAttr));
        }
    }
}
