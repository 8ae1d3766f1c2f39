using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Hypermesh.Bpf.Benchmarks;

/// <summary>Ours beside libbpf's in one process, so that both see the same map and the same machine; what counts is the ratio.</summary>
internal sealed class RatioConfig : ManualConfig
{
    public RatioConfig()
    {
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(25));
        AddDiagnoser(MemoryDiagnoser.Default);
    }
}
