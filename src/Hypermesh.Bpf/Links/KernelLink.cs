namespace Hypermesh.Bpf;

/// <summary>BPF_LINK_CREATE (5.7).</summary>
internal static unsafe class KernelLink
{
    internal static long TryCreate(IKernel kernel, ref LinkCreateAttr attributes)
    {
        fixed (LinkCreateAttr* start = &attributes)
        {
            return kernel.Bpf(BpfCommand.LinkCreate, start, (uint)sizeof(LinkCreateAttr));
        }
    }

    internal static DescriptorLink Create(in LinkRequest request, ref LinkCreateAttr attributes, BpfFeature? feature = null)
    {
        long result = TryCreate(request.Kernel, ref attributes);
        return result >= 0
            ? new DescriptorLink(new BpfHandle(request.Kernel, result))
            : throw request.Error(BpfCommand.LinkCreate, result, feature);
    }
}
