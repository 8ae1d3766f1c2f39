using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Spec;

/// <summary>Definitions of maps that no object can have.</summary>
public sealed class MapDefinitionTests
{
    [Fact]
    public void An_object_has_one_arena_at_most()
    {
        BpfObjectFormatException refusal = Assert.Throws<BpfObjectFormatException>(() => BpfObjectSpec.Read(TestData.Bytes("two-arenas.bpf.o"), "two-arenas"));

        Assert.Contains("one arena at most", refusal.Message, StringComparison.Ordinal);
    }
}
