using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Relocation;

/// <summary>The unit a bitfield is loaded by, and the two shifts that leave only the field.</summary>
public sealed class CoreBitfieldTests
{
    [Theory]
    [InlineData(4, 0, 3, 0, 4, 61, 61)]     // unsigned a : 3 at the start
    [InlineData(4, 5, 20, 0, 4, 39, 44)]    // within one int
    [InlineData(4, 36, 9, 4, 4, 51, 55)]    // in the second int
    [InlineData(4, 30, 5, 0, 8, 29, 59)]    // across two ints: the load grows to 8 bytes
    [InlineData(1, 14, 2, 1, 1, 56, 62)]    // char : 2
    [InlineData(1, 6, 4, 0, 2, 54, 60)]     // a char field across bytes
    [InlineData(8, 70, 40, 8, 8, 18, 24)]   // long : 40
    public void The_load_has_the_size_of_the_fields_type_and_grows_until_the_bits_fit(uint size, uint bit, uint bits, ulong byteOffset, ulong byteSize, ulong left, ulong right)
    {
        var local = new BtfBuilder();
        int flags = local.Bitfields("flags", 4, ("f", local.Int("unsigned int", 4), 0, 1));
        var target = new BtfBuilder();
        target.Bitfields("flags", 32, ("f", target.Int("unit", size), bit, bits));
        var probe = new CoreProbe(local, target);

        // Compilers differ in the unit, so the instruction's value is not checked, but for the right shift.
        Assert.Equal(byteOffset, probe.AskValue(CoreRelocationKind.FieldByteOffset, flags, "0:0", 1234).TargetValue);
        Assert.Equal(byteSize, probe.AskValue(CoreRelocationKind.FieldByteSize, flags, "0:0", 1234).TargetValue);
        Assert.Equal(left, probe.AskValue(CoreRelocationKind.FieldLeftShift, flags, "0:0", 1234).TargetValue);
        Assert.Equal(right, probe.AskValue(CoreRelocationKind.FieldRightShift, flags, "0:0", 63).TargetValue);
        Assert.Throws<BpfObjectFormatException>(() => probe.AskValue(CoreRelocationKind.FieldRightShift, flags, "0:0", 62));
    }

    [Fact]
    public void On_big_endian_targets_the_bits_count_from_the_other_end()
    {
        var local = new BtfBuilder();
        int flags = local.Bitfields("flags", 4, ("f", local.Int("unsigned int", 4), 0, 1));
        var target = new BtfBuilder();
        target.Bitfields("flags", 4, ("f", target.Int("unsigned int", 4), 5, 3));

        CoreOutcome outcome = new CoreProbe(local, target.Types(isLittleEndian: false)).AskValue(CoreRelocationKind.FieldLeftShift, flags, "0:0", 0);

        Assert.Equal(32UL + 5, outcome.TargetValue);
    }

    [Fact]
    public void A_field_may_become_a_bitfield_and_back()
    {
        var local = new BtfBuilder();
        int unsigned = local.Int("unsigned int", 4);
        int flags = local.Bitfields("flags", 8, ("was", unsigned, 0, 5), ("is", unsigned, 32, 0));
        var target = new BtfBuilder();
        int targetUnsigned = target.Int("unsigned int", 4);
        target.Bitfields("flags", 8, ("is", targetUnsigned, 3, 7), ("was", targetUnsigned, 32, 0));
        var probe = new CoreProbe(local, target);

        Assert.Equal((4UL, 4UL), (probe.AskValue(CoreRelocationKind.FieldByteOffset, flags, "0:0", 0).TargetValue, probe.AskValue(CoreRelocationKind.FieldByteSize, flags, "0:0", 4).TargetValue));
        Assert.Equal(new CoreOutcome(false, 4, 0), probe.AskValue(CoreRelocationKind.FieldByteOffset, flags, "0:1", 4));
        Assert.Equal(new CoreOutcome(false, 32, 57), probe.AskValue(CoreRelocationKind.FieldRightShift, flags, "0:1", 32));
    }

    [Fact]
    public void A_bitfield_that_no_load_contains_is_rejected()
    {
        var local = new BtfBuilder();
        int flags = local.Bitfields("flags", 8, ("f", local.Int("unsigned long", 8), 0, 40));
        var target = new BtfBuilder();
        target.Bitfields("flags", 16, ("f", target.Int("unsigned long", 8), 60, 40));

        BpfException e = Assert.Throws<BpfException>(() => new CoreProbe(local, target).AskValue(CoreRelocationKind.FieldByteSize, flags, "0:0", 8));

        Assert.Contains("struct flags.f (0:0)", e.Message);
    }
}
