using BenchmarkDotNet.Attributes;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Benchmarks;

/// <summary>How long until the running kernel's types can be used, and what they cost of the managed heap.</summary>
[Config(typeof(RatioConfig))]
public class KernelTypesBenchmarks
{
    private readonly byte[] _blob = File.ReadAllBytes("/sys/kernel/btf/vmlinux");

    /// <summary>The index of types alone.</summary>
    [Benchmark]
    public int Index() => BtfTypes.Read(_blob, "vmlinux").Count;

    /// <summary>The index of types and names, and one look-up.</summary>
    [Benchmark]
    public int IndexAndFind() => BtfTypes.Read(_blob, "vmlinux").Find("task_struct", BtfKind.Struct);

    /// <summary>The same from the kernel, as a load does it: mapped where the kernel maps, else read.</summary>
    [Benchmark]
    public int FromTheKernel()
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        return kernel.Types.Find("task_struct", BtfKind.Struct);
    }
}
