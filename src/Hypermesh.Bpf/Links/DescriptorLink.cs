namespace Hypermesh.Bpf;

/// <summary>A link that lasts as long as its descriptors: the kernel's link object, and what lies under it.</summary>
internal sealed class DescriptorLink(BpfHandle? link, BpfHandle? under = null) : LinkResource
{
    internal override BpfHandle? LinkHandle => link;

    public override void Dispose()
    {
        link?.Dispose();
        under?.Dispose();
    }
}
