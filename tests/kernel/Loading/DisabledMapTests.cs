namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>A map that is switched off.</summary>
public sealed class DisabledMapTests : MapsInUseTest
{
    [Fact]
    [Row("maps", "autocreate off (missing map is poisoned with a message)")]
    [Row("lifecycle", "autocreate per map")]
    [Row("lifecycle", "log rewritten for missing CO-RE relo / missing map / missing kfunc")]
    public void A_disabled_map_is_named_when_it_is_used()
    {
        var reason = Assert.Throws<BpfVerifierException>(() => Open(spec => spec.Map("mapped").Enabled = false));
        Assert.Contains("mapped", reason.Message, StringComparison.Ordinal);
        BpfObject live = Open(spec =>
        {
            spec.Map("mapped").Enabled = false;
            spec.Program("set_mapped").Enabled = false;
        });
        Assert.False(live.GetMap("mapped").IsCreated);
    }
}
