namespace Hypermesh.Bpf;

/// <summary>Several attachments made as one. They end together, the last first, even when one of them fails to end.</summary>
internal sealed class LinkBundle : LinkResource
{
    private readonly List<IDisposable> _parts = [];

    /// <summary>Takes a part; on a failure of what comes after it, it ends with the bundle.</summary>
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
