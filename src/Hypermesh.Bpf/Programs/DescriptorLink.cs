namespace Hypermesh.Bpf;

/// <summary>A link that lasts as long as its descriptors: the kernel's link object, what lies under it, and what is undone after both are closed.</summary>
internal sealed class DescriptorLink(BpfHandle? link, BpfHandle? under = null, IDisposable? after = null) : LinkResource
{
    internal override BpfHandle? LinkHandle => link;

    public override void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(link);
        teardown.End(under);
        teardown.End(after);
        teardown.Report();
    }
}
