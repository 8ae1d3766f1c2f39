namespace Hypermesh.Bpf;

/// <summary>BPF_LINK_CREATE (5.7).</summary>
internal static class KernelLink
{
    internal static DescriptorLink Create(in LinkRequest request, ref LinkCreateAttr attributes, FeatureTest? feature = null)
    {
        long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
        return result >= 0
            ? new DescriptorLink(new BpfHandle(request.Kernel, result))
            : throw request.Error(BpfCommand.LinkCreate, result, feature);
    }
}
