namespace Hypermesh.Bpf;

/// <summary>The per-CPU counter our header keeps beside a ring buffer: failures to reserve.</summary>
internal sealed class DropCounter(BpfMapDescriptor descriptor)
{
    private readonly BpfPerCpuArrayMap<ulong> _map = new(descriptor);

    internal ulong Read() => _map[0].Sum();
}
