namespace Hypermesh.Bpf.Features;

/// <summary>Probes whether an open map can be read without capabilities: a new thread drops its capabilities, reads, and ends.</summary>
internal static unsafe class UnprivilegedUseProbe
{
    internal static long Try(IKernel kernel)
    {
        long map = FeatureAttempt.Create(kernel, BpfMapType.Array, 4, 8, 1, BpfMapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        long result = 0;
        var thread = new Thread(() => result = Read(kernel, (int)map)) { Name = "capability probe" };
        thread.Start();
        thread.Join();
        return result;
    }

    // Here a denied read is the answer: the kernel does not support it.
    private static long Read(IKernel kernel, int map)
    {
        long lowered = kernel.SetCapabilities(0);
        if (lowered < 0)
        {
            return lowered;
        }

        uint key = 0;
        ulong value;
        MapElementAttr attributes = default;
        attributes.MapFd = (uint)map;
        attributes.Key = (ulong)&key;
        attributes.Value = (ulong)&value;
        long result = kernel.Bpf(BpfCommand.MapLookupElement, &attributes, (uint)sizeof(MapElementAttr));
        return result == -Errno.EPERM ? -Errno.EOPNOTSUPP : result;
    }
}
