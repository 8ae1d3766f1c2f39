using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Spec;

/// <summary>What an object declares extern, as the spec shows it.</summary>
public sealed class ExternTests
{
    private readonly BpfObjectSpec _spec = BpfObjectSpec.Read(TestData.Bytes("externs.bpf.o"), "externs");

    [Fact]
    public void Options_have_the_order_libbpf_gives_them()
        => Assert.Equal(
            [
                "CONFIG_LONG 0 8 Integer", "CONFIG_TRI 8 4 Tristate", "CONFIG_WEAK 12 4 Integer", "CONFIG_WORD 16 4 Integer", "LINUX_KERNEL_VERSION 20 4 Integer",
                "CONFIG_SHORT 24 2 Integer", "CONFIG_BOOL 26 1 Boolean", "CONFIG_LETTER 27 1 Character", "CONFIG_TEXT 28 5 Text",
            ],
            _spec.Externs.Where(static e => e.Config is not null).Select(static e => $"{e.Name} {e.Config!.Offset} {e.Config.Size} {e.Config.Type}"));

    [Fact]
    public void Symbols_follow_in_the_order_of_their_names()
        => Assert.Equal(
            ["function___flavour Function function", "untyped Address untyped", "variable Variable variable"],
            _spec.Externs.Where(static e => e.Config is null).Select(static e => $"{e.Name} {e.Kind} {e.KernelName}"));

    [Fact]
    public void The_section_ends_with_its_last_option() => Assert.Equal(33, _spec.KernelConfig!.Size);

    [Fact]
    public void Symbols_that_another_object_defines_are_reported_together_with_the_remedies()
    {
        BpfObjectFormatException refused = Assert.Throws<BpfObjectFormatException>(static () => BpfObjectSpec.Read(TestData.Bytes("link-first.bpf.o"), "first"));

        Assert.Equal(["add_in_second function", "defined_in_second variable"], refused.Undefined.Select(static one => $"{one.Name} {one.Kind}").Order(StringComparer.Ordinal));
        Assert.StartsWith("first: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(" are declared extern and not defined in this object, and an object is loaded alone. Define them in its C", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'hmbpf gen object OUT FILE...'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ReplacedMaps", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_that_another_object_defines_can_be_shared()
    {
        BpfObjectFormatException refused = Assert.Throws<BpfObjectFormatException>(static () => BpfObjectSpec.Read(TestData.Bytes("link-clash-map.bpf.o"), "other"));

        Assert.Contains("map 'shared_map' is declared extern and not defined in this object", refused.Message, StringComparison.Ordinal);
        Assert.Contains("share it with ReplacedMaps or by pinning", refused.Message, StringComparison.Ordinal);
    }
}
