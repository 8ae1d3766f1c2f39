using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Probing;

public sealed class FeatureTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void Supported_and_absent_are_kept_and_refused_is_asked_again()
    {
        BpfFeatures features = BpfFeatures.Of(_kernel);
        _kernel.Answer(BpfCommand.MapCreate, -Errno.EPERM, -Errno.EINVAL);
        Assert.Equal(BpfFeatureState.Refused, features.Check(BpfFeature.RingBuffer).State);
        Assert.True(features.Has(BpfFeature.MappableArrays) is false);
        Assert.Equal(BpfFeatureState.Absent, features.Check(BpfFeature.MappableArrays).State);
        Assert.Equal(BpfFeatureState.Supported, features.Check(BpfFeature.RingBuffer).State);
        int calls = _kernel.Calls.Count;
        features.Check(BpfFeature.RingBuffer);
        features.Check(BpfFeature.MappableArrays);
        Assert.Equal(calls, _kernel.Calls.Count);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData(BpfFeature.Btf)]
    [InlineData(BpfFeature.ObjectNames)]
    [InlineData(BpfFeature.GlobalData)]
    [InlineData(BpfFeature.BatchOperations)]
    [InlineData(BpfFeature.TaskStorageInTracing)]
    [InlineData(BpfFeature.MemoryAccounting)]
    [InlineData(BpfFeature.Link)]
    [InlineData(BpfFeature.TaskStorage)]
    [InlineData(BpfFeature.HashTake)]
    [InlineData(BpfFeature.SyscallProgram)]
    [InlineData(BpfFeature.LoopHelper)]
    [InlineData(BpfFeature.TcxLink)]
    [InlineData(BpfFeature.BtfFunctions)]
    [InlineData(BpfFeature.BtfQuestionMarkSections)]
    public void Trying_leaves_nothing_open(BpfFeature feature)
    {
        _kernel.Files[KernelBtf.Path] = ProbeTypes.OneInteger();
        BpfFeatures.Of(_kernel).Check(feature);
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }

    [Fact]
    public void Every_feature_has_a_probe()
    {
        foreach (BpfFeature feature in Enum.GetValues<BpfFeature>())
        {
            BpfFeatures.Of(_kernel).Check(feature);
        }
    }

    [Fact]
    public void Every_feature_has_a_kernel_that_has_it()
        => Assert.All(Enum.GetValues<BpfFeature>(), static feature => Assert.Contains("Linux ", FeatureNeeds.Of(feature).Needs, StringComparison.Ordinal));

    [Fact]
    public void Kinds_are_kept_unless_they_were_refused()
    {
        BpfFeatures features = BpfFeatures.Of(_kernel);
        _kernel.Answer(BpfCommand.MapCreate, -Errno.EPERM, -Errno.EINVAL);
        Assert.Equal(BpfFeatureState.Refused, features.Check(BpfMapType.Queue).State);
        Assert.Equal(BpfFeatureState.Absent, features.Check(BpfMapType.Queue).State);
        int calls = _kernel.Calls.Count;
        Assert.Equal(BpfFeatureState.Absent, features.Check(BpfMapType.Queue).State);
        Assert.Equal(calls, _kernel.Calls.Count);
        Assert.Throws<ArgumentException>(() => features.CheckHelper(BpfProgramType.Xdp, "bpf_no_such_helper"));
    }

    [Fact]
    public void Trying_kinds_leaves_nothing_open()
    {
        _kernel.Files[KernelBtf.Path] = ProbeTypes.OneInteger();
        BpfFeatures features = BpfFeatures.Of(_kernel);
        Assert.All(Enum.GetValues<BpfProgramType>(), type => features.Check(type));
        Assert.All(Enum.GetValues<BpfMapType>(), type => features.Check(type));
        Assert.All(Enum.GetValues<BpfLinkType>(), type => features.Check(type));
        Assert.All(Enum.GetValues<BpfProgramType>(), type => features.CheckHelper(type, 1));
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }

    [Fact]
    public void Types_that_cannot_be_mapped_are_read()
    {
        _kernel.Files[KernelBtf.Path] = ProbeTypes.OneInteger();
        _kernel.Answer("mmap", -Errno.ENODEV);
        using KernelBtf types = KernelBtf.Acquire(_kernel);
        using KernelBtf same = KernelBtf.Acquire(_kernel);
        Assert.Equal(1, types.Types.Find("int", BtfKind.Int));
        Assert.Same(types.Types, same.Types);
        Assert.Single(_kernel.Calls, "open " + KernelBtf.Path);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3\n", new[] { 0, 1, 2, 3 })]
    [InlineData("0,2-3,7", new[] { 0, 2, 3, 7 })]
    public void Lists_of_cpus_are_read(string list, int[] expected)
    {
        PossibleCpus cpus = PossibleCpus.Parse(list);
        Assert.Equal(expected, cpus.Numbers.ToArray());
        Assert.Equal(expected.Length - 1, cpus.SlotOf(expected[^1]));
        Assert.Equal(-1, cpus.SlotOf(expected[^1] + 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("3-1")]
    [InlineData("0-1-2")]
    [InlineData("0-99999999")]
    public void What_is_no_list_of_cpus_is_told(string list) => Assert.Throws<BpfException>(() => PossibleCpus.Parse(list));

    [Fact]
    public void Values_of_cpus_with_gaps_are_found_by_number()
    {
        PerCpu<uint> values = PerCpu<uint>.Allocate(PossibleCpus.Parse("0,2"));
        values.Set(2, 5);
        values.Set(0, 3);
        Assert.Equal(5u, values[2]);
        Assert.Equal(8u, values.Sum());
        Assert.Equal([3u, 5u], values.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => values[1]);
    }
}
