using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Relocation;

/// <summary>Ids, existence, size and shape of types.</summary>
public sealed class CoreTypeTests
{
    private readonly BtfBuilder _local = new();
    private readonly BtfBuilder _target = new();
    private readonly int _int;
    private readonly int _targetInt;

    public CoreTypeTests()
    {
        _int = _local.Int("int", 4, BtfIntEncoding.Signed);
        _target.Int("char", 1);
        _targetInt = _target.Int("int", 4, BtfIntEncoding.Signed);
    }

    [Fact]
    public void Present_types_give_their_IDs_and_sizes()
    {
        int task = _local.Struct("task___mine", 4, ("pid", _int, 0));
        int targetTask = _target.Struct("task", 16, ("pid", _targetInt, 0));

        Assert.Equal((ulong)task, Ask(CoreRelocationKind.TypeIdLocal, task, 777).TargetValue);
        Assert.Equal((ulong)targetTask, Ask(CoreRelocationKind.TypeIdTarget, task, 777).TargetValue);
        Assert.Equal(new CoreOutcome(false, 1, 1), Ask(CoreRelocationKind.TypeExists, task, 1));
        Assert.Equal(new CoreOutcome(false, 4, 16), Ask(CoreRelocationKind.TypeSize, task, 4));
        Assert.Equal(new CoreOutcome(false, 1, 1), Ask(CoreRelocationKind.TypeMatches, task, 1));
    }

    [Fact]
    public void A_missing_type_gives_zero_for_every_kind_of_relocation()
    {
        int gone = _local.Struct("gone", 4, ("pid", _int, 0));

        Assert.Equal(new CoreOutcome(false, (ulong)gone, 0), Ask(CoreRelocationKind.TypeIdTarget, gone, 777));
        Assert.Equal(new CoreOutcome(false, 1, 0), Ask(CoreRelocationKind.TypeExists, gone, 1));
        Assert.Equal(new CoreOutcome(false, 4, 0), Ask(CoreRelocationKind.TypeSize, gone, 4));
        Assert.Equal(new CoreOutcome(false, 1, 0), Ask(CoreRelocationKind.TypeMatches, gone, 1));
    }

    [Fact]
    public void Another_kind_of_that_name_is_another_type()
    {
        int thing = _local.Struct("thing", 4, ("i", _int, 0));
        _target.Union("thing", 4, ("i", _targetInt, 0));
        _target.Typedef("thing", _targetInt);

        Assert.Equal(0UL, Ask(CoreRelocationKind.TypeExists, thing, 1).TargetValue);
    }

    [Fact]
    public void Typedefs_exist_when_what_they_name_is_of_the_same_kind()
    {
        int callback = _local.Typedef("callback", _local.Pointer(_local.Prototype(_int, _int, _local.Pointer(0))));
        int fewer = _local.Typedef("fewer", _local.Pointer(_local.Prototype(_int, _int)));
        int number = _local.Typedef("number", _int);
        int list = _local.Typedef("list", _local.Array(_int, 3));
        _target.Typedef("callback", _target.Pointer(_target.Prototype(_targetInt, _target.Const(_targetInt), _target.Pointer(0))));
        _target.Typedef("fewer", _target.Pointer(_target.Prototype(_targetInt)));
        _target.Typedef("number", _target.Pointer(_targetInt));
        _target.Typedef("list", _target.Array(_targetInt, 9));

        Assert.Equal([1, 0, 0, 1], new[] { callback, fewer, number, list }.Select(t => Ask(CoreRelocationKind.TypeExists, t, 1).TargetValue));
    }

    [Fact]
    public void Matching_compares_members_by_name_and_stops_at_pointers()
    {
        int ahead = _local.Forward("ahead");
        int inner = _local.Struct("inner", 4, ("a", _int, 0));
        int other = _local.Struct("box", 8, ("unknown", _int, 0));
        int good = _local.Struct(
            "good",
            40,
            ("in", inner, 0),
            ("ahead", _local.Pointer(ahead), 64),
            ("box", _local.Pointer(other), 128),
            ("list", _local.Array(_int, 2), 192));
        int targetInner = _target.Struct("inner", 8, ("b", _targetInt, 0), ("a", _targetInt, 32));
        int targetBox = _target.Struct("box", 4, ("a", _targetInt, 0));
        int targetAhead = _target.Struct("ahead", 4, ("a", _targetInt, 0));
        _target.Struct(
            "good",
            48,
            ("list", _target.Array(_targetInt, 2), 0),
            ("box", _target.Pointer(_target.Const(targetBox)), 64),
            ("ahead", _target.Pointer(targetAhead), 128),
            ("in", targetInner, 192));

        Assert.Equal(1UL, Ask(CoreRelocationKind.TypeMatches, good, 1).TargetValue);
    }

    [Fact]
    public void Matching_compares_what_a_function_behind_a_pointer_takes_by_its_name()
    {
        int taken = _local.Struct("taken", 4, ("mine", _int, 0));
        int good = _local.Struct("good", 8, ("call", _local.Pointer(_local.Prototype(_int, taken)), 0));
        int bad = _local.Struct("bad", 8, ("call", _local.Pointer(_local.Prototype(_int, taken)), 0));
        int targetTaken = _target.Struct("taken", 4, ("theirs", _targetInt, 0));
        _target.Struct("good", 8, ("call", _target.Pointer(_target.Prototype(_targetInt, targetTaken)), 0));
        _target.Struct("bad", 8, ("call", _target.Pointer(_target.Prototype(_targetInt, _target.Struct("other", 4, ("mine", _targetInt, 0)))), 0));

        Assert.Equal([1, 0], new[] { good, bad }.Select(t => Ask(CoreRelocationKind.TypeMatches, t, 1).TargetValue));
    }

    [Theory]
    [InlineData("size")]
    [InlineData("sign")]
    [InlineData("count")]
    [InlineData("name")]
    [InlineData("kind")]
    [InlineData("pointer")]
    [InlineData("constant")]
    public void Matching_fails_where_a_member_differs(string difference)
    {
        int state = _local.Enum("state", false, ("ON", 1));
        int shape = _local.Struct(
            "shape",
            32,
            ("i", _int, 0),
            ("list", _local.Array(_int, 2), 32),
            ("p", _local.Pointer(_local.Struct("box", 4, ("a", _int, 0))), 128),
            ("state", state, 192));
        int targetInt = difference == "size" ? _target.Int("int", 8, BtfIntEncoding.Signed) : difference == "sign" ? _target.Int("int", 4) : _targetInt;
        int box = difference == "kind" ? _target.Union("box", 4, ("a", _targetInt, 0)) : _target.Struct("box", 4, ("a", _targetInt, 0));
        _target.Struct(
            "shape",
            32,
            (difference == "name" ? "j" : "i", targetInt, 0),
            ("list", _target.Array(_targetInt, difference == "count" ? 3u : 2), 32),
            ("p", difference == "pointer" ? box : _target.Pointer(box), 128),
            ("state", _target.Enum("state", false, (difference == "constant" ? "OFF" : "ON", 1)), 192));

        Assert.Equal(0UL, Ask(CoreRelocationKind.TypeMatches, shape, 1).TargetValue);
    }

    [Fact]
    public void A_type_without_a_name_cannot_be_looked_up()
    {
        int nameless = _local.Struct("", 4, ("i", _int, 0));

        Assert.Contains("an anonymous type", Assert.Throws<BpfObjectFormatException>(() => Ask(CoreRelocationKind.TypeExists, nameless, 1)).Message);
        Assert.Equal((ulong)nameless, Ask(CoreRelocationKind.TypeIdLocal, nameless, 0).TargetValue);
    }

    [Fact]
    public void Types_that_contain_themselves_end_in_an_error_and_not_in_a_loop()
    {
        // Two anonymous members of their own type: without a bound, 2^64 ways to look for the field.
        int task = _local.Struct("task", 4, ("pid", _int, 0));
        int self = _targetInt + 1;
        Assert.Equal(self, _target.Struct("task", 4, ("", self, 0), ("", self, 0)));

        Assert.Throws<BpfException>(() => Ask(CoreRelocationKind.FieldExists, task, 1, "0:0"));
        Assert.Equal(0UL, Ask(CoreRelocationKind.TypeMatches, task, 1).TargetValue);
    }

    [Fact]
    public void An_unknown_kind_is_named()
    {
        int task = _local.Struct("task", 4, ("pid", _int, 0));

        Assert.Contains("<kind 13> struct task", Assert.Throws<BpfObjectFormatException>(() => Ask((CoreRelocationKind)13, task, 1)).Message);
    }

    private CoreOutcome Ask(CoreRelocationKind kind, int type, int localValue, string access = "0")
        => new CoreProbe(_local, _target).AskValue(kind, type, access, localValue);
}
