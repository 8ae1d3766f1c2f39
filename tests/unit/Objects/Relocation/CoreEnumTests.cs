using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Relocation;

/// <summary>Constants of enums of 32 and 64 bits, by name.</summary>
public sealed class CoreEnumTests
{
    private readonly BtfBuilder _local = new();
    private readonly BtfBuilder _target = new();

    [Fact]
    public void A_constant_is_found_by_name_without_its_flavour()
    {
        int state = _local.Enum("state___v5", false, ("ON___v5", 1), ("GONE___v5", 2));
        _target.Enum("state", false, ("OFF", 1), ("ON", 9));
        var probe = new CoreProbe(_local, _target);

        Assert.Equal(new CoreOutcome(false, 1, 9), probe.AskValue(CoreRelocationKind.EnumValue, state, "0", 1));
        Assert.Equal(new CoreOutcome(false, 1, 1), probe.AskValue(CoreRelocationKind.EnumValueExists, state, "0", 1));
        Assert.Equal(new CoreOutcome(false, 1, 0), probe.AskValue(CoreRelocationKind.EnumValueExists, state, "1", 1));
        Assert.True(probe.AskValue(CoreRelocationKind.EnumValue, state, "1", 2).IsPoisoned);
    }

    [Fact]
    public void A_value_of_64_bits_fills_both_halves_of_a_wide_load()
    {
        int state = _local.Enum("state", true, ("BIG", -1));
        _target.Enum64("state", false, ("BIG", 0x123456789abcdef0));
        var probe = new CoreProbe(_local, _target);

        CoreOutcome outcome = probe.Ask(CoreRelocationKind.EnumValue, state, "0", new BpfInstruction(BpfOpCode.LoadImmediate64, 1, 0, 0, -1), new BpfInstruction(0, 0, 0, 0, -1));

        Assert.Equal(new CoreOutcome(false, ulong.MaxValue, 0x123456789abcdef0), outcome);
        Assert.Equal((unchecked((int)0x9abcdef0), 0x12345678), (probe.Instructions[0].Immediate, probe.Instructions[1].Immediate));
    }

    [Fact]
    public void Both_halves_of_a_wide_load_are_poisoned()
    {
        int state = _local.Enum("state", false, ("A", 1));
        var probe = new CoreProbe(_local, _target);

        Assert.True(probe.Ask(CoreRelocationKind.EnumValue, state, "0", new BpfInstruction(BpfOpCode.LoadImmediate64, 1, 0, 0, 1), default).IsPoisoned);
        Assert.All(probe.Instructions, i => Assert.Equal(new BpfInstruction(BpfOpCode.Call, 0, 0, 0, 0xbad2310), i));
    }

    [Fact]
    public void A_typedef_of_an_enum_is_looked_through()
    {
        int state = _local.Typedef("state_t", _local.Enum("", false, ("A", 1)));
        _target.Typedef("state_t", _target.Enum("", false, ("A", 4)));

        Assert.Equal(4UL, new CoreProbe(_local, _target).AskValue(CoreRelocationKind.EnumValue, state, "0", 1).TargetValue);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("0:0")]
    public void An_access_beyond_the_constants_is_a_format_error(string access)
    {
        int state = _local.Enum("state", false, ("A", 1));

        Assert.Throws<BpfObjectFormatException>(() => new CoreProbe(_local, _target).AskValue(CoreRelocationKind.EnumValue, state, access, 1));
    }
}
