namespace Hypermesh.Bpf.Btf;

/// <summary>BPF_BTF_LOAD (4.18).</summary>
internal static unsafe class BtfCalls
{
    private const uint TokenFlag = 1u << 16;

    /// <summary>Loads types into the kernel. Returns the descriptor, or the negative errno.</summary>
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
}
