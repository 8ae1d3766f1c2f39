using Hypermesh.Bpf.Features;

namespace Hypermesh.Bpf.Programs;

/// <summary>A resource that keeps a program attached: descriptors, or an operation to undo.</summary>
internal abstract class LinkResource : IDisposable
{
    /// <summary>The kernel's link; null if there is none.</summary>
    internal virtual BpfHandle? LinkHandle => null;

    /// <summary>True if it ended because its target no longer exists.</summary>
    internal virtual bool HasEnded => false;

    public abstract void Dispose();
}

/// <summary>A link that lasts as long as its descriptors: the kernel's link, the perf event under it, and a resource to dispose after both are closed.</summary>
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

/// <summary>Several attachments that act as one. They are detached together, the last first, even if detaching one of them fails.</summary>
internal sealed class LinkBundle : LinkResource
{
    private readonly List<IDisposable> _parts = [];

    /// <summary>Adds a part. If a later step fails, it is disposed with the bundle.</summary>
    internal void Add(IDisposable part) => _parts.Add(part);

    public override void Dispose()
    {
        var teardown = default(Teardown);
        for (int i = _parts.Count - 1; i >= 0; i--)
        {
            teardown.End(_parts[i]);
        }

        _parts.Clear();
        teardown.Report();
    }
}

/// <summary>BPF_LINK_CREATE (5.7).</summary>
internal static class KernelLink
{
    internal static DescriptorLink Create(in LinkRequest request, ref LinkCreateAttr attributes, FeatureProbe? feature = null)
    {
        long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
        return result >= 0
            ? new DescriptorLink(new BpfHandle(request.Kernel, result))
            : throw request.Error(BpfCommand.LinkCreate, result, feature);
    }
}
