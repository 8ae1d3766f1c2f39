namespace Hypermesh.Bpf;

/// <summary>BPF_BTF_LOAD (4.18) as it is.</summary>
internal static unsafe class BtfCalls
{
    /// <summary>Gives types to the kernel: the descriptor, or the negative errno.</summary>
    internal static long TryLoad(IKernel kernel, ReadOnlySpan<byte> btf)
    {
        fixed (byte* start = btf)
        {
            BtfLoadAttr attributes = default;
            attributes.Btf = (ulong)start;
            attributes.BtfSize = (uint)btf.Length;
            return kernel.Bpf(BpfCommand.BtfLoad, &attributes, (uint)sizeof(BtfLoadAttr));
        }
    }
}
