using System.Collections.Concurrent;

namespace Hypermesh.Bpf;

/// <summary>
/// What this process has attached in a way that outlasts it: undoing it takes a capability, so that it must not be given up before. By resource, with the
/// program and its target in words.
/// </summary>
internal static class LastingAttachments
{
    private static readonly ConcurrentDictionary<LinkResource, (string What, Capabilities Needs)> s_all = new();

    internal static ICollection<(string What, Capabilities Needs)> All => s_all.Values;

    /// <summary>Takes note of one, and hands it back.</summary>
    internal static TResource Note<TResource>(TResource resource, in LinkRequest request)
        where TResource : LinkResource
    {
        s_all[resource] = ($"program {request.ProgramName} from {request.Target}", Capabilities.NetAdmin);
        return resource;
    }

    internal static void Forget(LinkResource resource) => s_all.TryRemove(resource, out _);
}
