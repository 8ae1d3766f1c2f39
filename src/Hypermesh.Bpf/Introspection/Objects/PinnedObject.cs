namespace Hypermesh.Bpf;

/// <summary>Opens what is pinned in a BPF file system, of the kind that is wanted.</summary>
internal static class PinnedObject
{
    /// <summary>Opens a pin.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="path">The file.</param>
    /// <param name="kind"><c>prog</c>, <c>map</c> or <c>link</c>: how the kernel begins the second line of a descriptor's information.</param>
    internal static BpfHandle Open(IKernel kernel, string path, string kind)
    {
        BpfHandle handle = ObjectPins.Open(kernel, path);
        using HandleUse use = handle.Use();
        string information = kernel.TryReadText($"/proc/self/fdinfo/{use.Descriptor}", out _) ?? "";
        if (information.Contains($"\n{kind}_type:", StringComparison.Ordinal))
        {
            return handle;
        }

        handle.Dispose();
        throw new BpfException($"What is pinned at {path} is no {kind}.", null, path);
    }
}
