using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>Fields of values that the kernel manages.</summary>
public sealed class KernelFieldsTests
{
    [Fact]
    public void Fields_of_the_kernel_are_found_at_any_depth()
    {
        var builder = new BtfBuilder();
        int integer = builder.Int("int", 4, BtfIntEncoding.Signed);
        int timer = builder.Struct("bpf_timer", 16, ("opaque", integer, 0));
        int spin = builder.Struct("bpf_spin_lock", 4, ("val", integer, 0));
        int plain = builder.Struct("plain", 8, ("lock", spin, 0), ("count", integer, 32));
        int withTimer = builder.Struct("with_timer", 24, ("count", integer, 0), ("timer", timer, 64));
        int nested = builder.Struct("nested", 32, ("inner", withTimer, 0));
        int renamed = builder.Typedef("nested_t", nested);
        int pointer = builder.Struct("pointer", 8, ("next", builder.Pointer(integer), 0));
        BtfTypes types = BtfTypes.Read(builder.Build(), "types");
        Assert.Equal(
            [(integer, false), (plain, false), (pointer, false), (timer, true), (withTimer, true), (nested, true), (renamed, true)],
            ((int[])[integer, plain, pointer, timer, withTimer, nested, renamed]).Select(id => (id, KernelFields.AreIn(types, id))));
    }
}
