using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Testing;
using Hypermesh.Bpf.Tests.Support;
using PublicApiGenerator;

namespace Hypermesh.Bpf.Tests.Unit.PublicApi;

/// <summary>What users can call is written down, so that none of it changes unseen: <c>HYPERMESH_ACCEPT=1 ./test.sh unit</c> writes what there is.</summary>
public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions s_options = new() { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] };

    [Theory]
    [InlineData(typeof(BpfObject))]
    [InlineData(typeof(BpfObjectSpec))]
    [InlineData(typeof(CpuMonitor))]
    [InlineData(typeof(BpfFactAttribute))]
    public void The_public_types_of_an_assembly_are_those_written_down(Type one)
        => GoldenFile.Check(one.Assembly.GetName().Name!, one.Assembly.GeneratePublicApi(s_options) + "\n");
}
