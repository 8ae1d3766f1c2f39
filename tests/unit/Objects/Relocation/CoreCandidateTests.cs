using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Relocation;

/// <summary>Several kernel types of one name, and types of modules.</summary>
public sealed class CoreCandidateTests
{
    private readonly BtfBuilder _local = new();
    private readonly BtfBuilder _target = new();
    private readonly int _task;
    private readonly int _targetInt;

    public CoreCandidateTests()
    {
        int number = _local.Int("int", 4, BtfIntEncoding.Signed);
        _task = _local.Struct("task", 8, ("pid", number, 0), ("tgid", number, 32));
        _targetInt = _target.Int("int", 4, BtfIntEncoding.Signed);
    }

    [Fact]
    public void Candidates_that_agree_count_as_one()
    {
        _target.Struct("task", 8, ("pid", _targetInt, 32));
        _target.Struct("task", 64, ("pid", _targetInt, 32), ("more", _targetInt, 64));
        _target.Struct("task", 4, ("unrelated", _targetInt, 0));

        Assert.Equal(new CoreOutcome(false, 0, 4), new CoreProbe(_local, _target).AskValue(CoreRelocationKind.FieldByteOffset, _task, "0:0", 0));
    }

    [Fact]
    public void Candidates_that_disagree_are_an_error_that_names_both()
    {
        int first = _target.Struct("task", 8, ("pid", _targetInt, 32));
        int second = _target.Struct("task___other", 8, ("pid", _targetInt, 0));

        BpfException e = Assert.Throws<BpfException>(() => new CoreProbe(_local, _target).AskValue(CoreRelocationKind.FieldByteOffset, _task, "0:0", 0));

        Assert.Contains($"type {first} of kernel gives 4", e.Message);
        Assert.Contains($"type {second} of kernel gives 0", e.Message);
        Assert.Equal(("object", "probe"), (e.ObjectName, e.SubjectName));
    }

    [Fact]
    public void Once_a_candidate_is_chosen_the_others_no_longer_count()
    {
        _target.Struct("task", 8, ("pid", _targetInt, 32));
        _target.Struct("task", 8, ("tgid", _targetInt, 0));
        var probe = new CoreProbe(_local, _target);
        CoreRelocation pid = probe.Relocation(CoreRelocationKind.FieldExists, _task, "0:0");
        CoreRelocation tgid = probe.Relocation(CoreRelocationKind.FieldExists, _task, "0:1");
        CoreRelocator relocator = probe.Relocator();

        Assert.Equal((1UL, 0UL), (Apply(relocator, pid), Apply(relocator, tgid)));
        CoreRelocator otherOrder = probe.Relocator();
        Assert.Equal((1UL, 0UL), (Apply(otherOrder, tgid), Apply(otherOrder, pid)));
    }

    [Fact]
    public void Modules_are_searched_only_for_what_the_kernel_lacks()
    {
        BtfTypes kernel = _target.Types();
        var module = new BtfBuilder(_target);
        int inModule = module.Struct("task", 8, ("pid", _targetInt, 32));
        BtfTypes moduleTypes = module.Types("module", kernel);

        Assert.Equal((ulong)inModule, new CoreProbe(_local, kernel, moduleTypes).AskValue(CoreRelocationKind.TypeIdTarget, _task, "0", 0).TargetValue);

        int inKernel = _target.Struct("task", 8, ("pid", _targetInt, 0));
        Assert.Equal((ulong)inKernel, new CoreProbe(_local, _target.Types(), moduleTypes).AskValue(CoreRelocationKind.TypeIdTarget, _task, "0", 0).TargetValue);
    }

    [Fact]
    public void Without_kernel_types_everything_is_missing()
        => Assert.True(new CoreProbe(_local).AskValue(CoreRelocationKind.FieldByteOffset, _task, "0:0", 0).IsPoisoned);

    private static ulong Apply(CoreRelocator relocator, CoreRelocation relocation)
        => relocator.Apply(relocation, [new BpfInstruction(CoreProbe.MoveImmediate, 1, 0, 0, 1)], 0, "probe").TargetValue;
}
