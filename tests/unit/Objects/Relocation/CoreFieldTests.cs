using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Relocation;

/// <summary>Offsets, sizes, signs and existence of fields that are no bitfields.</summary>
public sealed class CoreFieldTests
{
    private readonly BtfBuilder _local = new();
    private readonly BtfBuilder _target = new();
    private readonly int _int;
    private readonly int _targetInt;
    private readonly int _targetLong;

    public CoreFieldTests()
    {
        _int = _local.Int("int", 4, BtfIntEncoding.Signed);
        _targetInt = _target.Int("int", 4, BtfIntEncoding.Signed);
        _targetLong = _target.Int("long", 8, BtfIntEncoding.Signed);
    }

    [Fact]
    public void A_field_is_found_by_name_wherever_it_moved()
    {
        int task = _local.Struct("task", 8, ("pid", _int, 0), ("tgid", _int, 32));
        _target.Struct("task", 24, ("tgid", _targetInt, 64), ("flags", _targetLong, 0), ("pid", _targetInt, 128));
        var probe = new CoreProbe(_local, _target);

        CoreOutcome outcome = probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:1", new BpfInstruction(CoreProbe.LoadWord, 1, 2, 4, 0));

        Assert.Equal(new CoreOutcome(false, 4, 8), outcome);
        Assert.Equal(new BpfInstruction(CoreProbe.LoadWord, 1, 2, 8, 0), probe.Instructions[0]);
    }

    [Fact]
    public void A_flavour_names_the_same_type()
    {
        int task = _local.Struct("task___v5_10", 4, ("pid", _int, 0));
        _target.Struct("task", 16, ("pid", _targetInt, 96));

        Assert.Equal(12UL, new CoreProbe(_local, _target).AskValue(CoreRelocationKind.FieldByteOffset, task, "0:0", 0).TargetValue);
    }

    [Fact]
    public void Anonymous_members_are_searched_on_both_sides()
    {
        int inner = _local.Struct("", 8, ("a", _int, 0), ("b", _int, 32));
        int outer = _local.Struct("outer", 12, ("x", _int, 0), ("", inner, 32));
        int targetUnion = _target.Union("", 8, ("wide", _targetLong, 0), ("b", _targetInt, 0));
        int targetMiddle = _target.Struct("", 16, ("x", _targetInt, 0), ("", targetUnion, 64));
        _target.Struct("outer", 24, ("", targetMiddle, 64));

        CoreOutcome outcome = new CoreProbe(_local, _target).AskValue(CoreRelocationKind.FieldByteOffset, outer, "0:1:1", 8);

        Assert.Equal(new CoreOutcome(false, 8, 16), outcome);
    }

    [Fact]
    public void An_anonymous_twin_of_another_type_does_not_hide_the_field()
    {
        // The first 'b' met is a struct; the search goes on, from the right offset.
        int outer = _local.Struct("outer", 4, ("b", _int, 0));
        int box = _target.Struct("box", 4, ("i", _targetInt, 0));
        int first = _target.Struct("", 8, ("a", _targetInt, 0), ("b", box, 32));
        int second = _target.Struct("", 4, ("b", _targetInt, 0));
        _target.Struct("outer", 16, ("", first, 0), ("", second, 64));

        Assert.Equal(8UL, new CoreProbe(_local, _target).AskValue(CoreRelocationKind.FieldByteOffset, outer, "0:0", 0).TargetValue);
    }

    [Theory]
    [InlineData("0:0:1", 2, true)]
    [InlineData("0:0:2", 2, false)]
    [InlineData("0:0:3", 4, true)]
    public void The_bounds_of_an_array_are_the_kernels(string access, uint count, bool exists)
    {
        int holder = _local.Struct("holder", 32, ("items", _local.Array(_int, 8), 0));
        _target.Struct("holder", 32, ("items", _target.Array(_targetInt, count), 0), ("more", _targetInt, 128));
        var probe = new CoreProbe(_local, _target);

        Assert.Equal(exists ? 1UL : 0, probe.AskValue(CoreRelocationKind.FieldExists, holder, access, 1).TargetValue);
        int offset = 4 * int.Parse(access.AsSpan(4));
        Assert.Equal(!exists, probe.AskValue(CoreRelocationKind.FieldByteOffset, holder, access, offset).IsPoisoned);
    }

    [Fact]
    public void A_flexible_array_has_every_element_but_only_as_the_last_member()
    {
        int holder = _local.Struct("holder", 4, ("count", _int, 0), ("items", _local.Array(_int, 0), 32));
        int notLast = _local.Struct("other", 4, ("items", _local.Array(_int, 0), 0), ("count", _int, 0));
        _target.Struct("holder", 8, ("count", _targetLong, 0), ("items", _target.Array(_targetInt, 0), 64));
        var probe = new CoreProbe(_local, _target);

        Assert.Equal(8UL + 400, probe.AskValue(CoreRelocationKind.FieldByteOffset, holder, "0:1:100", 404).TargetValue);
        Assert.Contains("element 100, but the array has only 0", Assert.Throws<BpfObjectFormatException>(
            () => probe.AskValue(CoreRelocationKind.FieldByteOffset, notLast, "0:0:100", 400)).Message);
    }

    [Fact]
    public void The_first_index_counts_whole_structs()
    {
        int task = _local.Struct("task", 8, ("pid", _int, 0), ("tgid", _int, 32));
        _target.Struct("task", 24, ("tgid", _targetInt, 64));

        Assert.Equal(new CoreOutcome(false, 20, 56), new CoreProbe(_local, _target).AskValue(CoreRelocationKind.FieldByteOffset, task, "2:1", 20));
    }

    [Fact]
    public void A_missing_field_gives_zero_for_exists_and_poison_for_the_rest()
    {
        int task = _local.Struct("task", 4, ("gone", _int, 0));
        _target.Struct("task", 4, ("here", _targetInt, 0));
        var probe = new CoreProbe(_local, _target);

        Assert.Equal(new CoreOutcome(false, 1, 0), probe.AskValue(CoreRelocationKind.FieldExists, task, "0:0", 1));
        foreach (CoreRelocationKind kind in new[] { CoreRelocationKind.FieldByteOffset, CoreRelocationKind.FieldByteSize, CoreRelocationKind.FieldSigned, CoreRelocationKind.FieldLeftShift, CoreRelocationKind.FieldRightShift })
        {
            Assert.True(probe.AskValue(kind, task, "0:0", 99).IsPoisoned);
            Assert.Equal(new BpfInstruction(BpfOpCode.Call, 0, 0, 0, 0xbad2310), probe.Instructions[0]);
        }
    }

    [Fact]
    public void Sizes_and_signs_are_the_kernels()
    {
        int task = _local.Struct("task", 4, ("state", _local.Const(_local.Typedef("state_t", _int)), 0));
        _target.Struct("task", 8, ("state", _target.Volatile(_target.Int("unsigned long", 8)), 0));
        var probe = new CoreProbe(_local, _target);

        Assert.Equal(new CoreOutcome(false, 4, 8), probe.AskValue(CoreRelocationKind.FieldByteSize, task, "0:0", 4));
        Assert.Equal(new CoreOutcome(false, 1, 0), probe.AskValue(CoreRelocationKind.FieldSigned, task, "0:0", 1));
        Assert.Equal(new CoreOutcome(false, 32, 0), probe.AskValue(CoreRelocationKind.FieldLeftShift, task, "0:0", 32));
        Assert.Equal(new CoreOutcome(false, 32, 0), probe.AskValue(CoreRelocationKind.FieldRightShift, task, "0:0", 32));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void An_enum_is_signed_when_it_says_so(bool isSigned, bool expected)
    {
        int task = _local.Struct("task", 4, ("state", _local.Enum("state", false, ("A", 1)), 0));
        _target.Struct("task", 4, ("state", _target.Enum("state", isSigned, ("A", 1)), 0));

        Assert.Equal(expected ? 1UL : 0, new CoreProbe(_local, _target).AskValue(CoreRelocationKind.FieldSigned, task, "0:0", 0).TargetValue);
    }

    [Fact]
    public void Fields_of_other_kinds_are_not_the_same_field()
    {
        int task = _local.Struct(
            "task",
            32,
            ("number", _int, 0),
            ("pointer", _local.Pointer(_int), 64),
            ("kind", _local.Enum("kind", false, ("A", 1)), 128),
            ("real", _local.Float("double", 8), 192),
            ("old_bits", _local.Int("unsigned int", 4), 256));
        int number = _target.Pointer(_targetInt);
        _target.Struct(
            "task",
            64,
            ("number", number, 0),
            ("pointer", _target.Pointer(0), 64),
            ("kind", _target.Enum("other", false, ("A", 1)), 128),
            ("real", _target.Float("float", 4), 192),
            ("old_bits", _target.Int("unsigned int", 4, bitOffset: 3), 256));
        var probe = new CoreProbe(_local, _target);

        ulong[] exists = [.. Enumerable.Range(0, 5).Select(i => probe.AskValue(CoreRelocationKind.FieldExists, task, $"0:{i}", 1).TargetValue)];

        Assert.Equal([0, 1, 0, 1, 0], exists);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":0")]
    [InlineData("0:")]
    [InlineData("0:x")]
    [InlineData("0::1")]
    [InlineData("0:-1")]
    [InlineData("0:99999999999")]
    [InlineData("0:2")]
    [InlineData("0:0:0")]
    public void An_invalid_access_is_a_format_error(string access)
    {
        int task = _local.Struct("task", 8, ("pid", _int, 0), ("tgid", _int, 32));
        _target.Struct("task", 8, ("pid", _targetInt, 0), ("tgid", _targetInt, 32));

        BpfObjectFormatException e = Assert.Throws<BpfObjectFormatException>(
            () => new CoreProbe(_local, _target).AskValue(CoreRelocationKind.FieldByteOffset, task, access, 0));
        Assert.Contains("program probe, instruction 0", e.Message);
        Assert.Contains($"<field_byte_offset> struct task ({access})", e.Message);
    }
}
