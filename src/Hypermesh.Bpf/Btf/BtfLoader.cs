namespace Hypermesh.Bpf;

/// <summary>BPF_BTF_LOAD (4.18): gives an object's types to the kernel.</summary>
internal static unsafe class BtfLoader
{
    private const uint TokenFlag = 1u << 16;

    internal static BpfHandle Load(IKernel kernel, ReadOnlySpan<byte> btf, string objectName, BpfHandle? token = null)
    {
        long result = TryLoad(kernel, btf, token);
        return result >= 0
            ? new BpfHandle(kernel, result)
            : throw KernelErrors.Of(kernel, BpfCommand.BtfLoad, result, $"Loading the types of {objectName} ({btf.Length} bytes of BTF)", Capabilities.Bpf, objectName);
    }

    /// <summary>The descriptor, or the negative errno.</summary>
    internal static long TryLoad(IKernel kernel, ReadOnlySpan<byte> btf, BpfHandle? token)
    {
        using HandleUse permission = token is null ? default : token.Use();
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
}
