using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.FeatureChecks;

public sealed class FeatureTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void Supported_and_absent_are_cached_and_refused_is_probed_again()
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
    public void Probing_leaves_nothing_open(BpfFeature feature)
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
    public void Results_for_kinds_are_cached_unless_they_were_refused()
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
    public void Probing_kinds_leaves_nothing_open()
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
}
