using Hypermesh.Bpf.AbiGenerator;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.FeatureChecks;

/// <summary>Features by the version of Linux that brought them.</summary>
public sealed class FeatureTests : KernelTest
{
    // The first version of Linux that has each.
    private static readonly Dictionary<BpfFeature, string> s_since = new()
    {
        [BpfFeature.KernelBtf] = "5.4",
        [BpfFeature.Btf] = "4.18",
        [BpfFeature.ObjectNames] = "4.15",
        [BpfFeature.GlobalData] = "5.2",
        [BpfFeature.MappableArrays] = "5.5",
        [BpfFeature.BatchOperations] = "5.6",
        [BpfFeature.RingBuffer] = "5.8",
        [BpfFeature.TaskStorageInTracing] = "5.12",
        [BpfFeature.MemoryAccounting] = "5.11",
        [BpfFeature.PerfEventLink] = "5.15",
        [BpfFeature.Link] = "5.7",
        [BpfFeature.TaskStorage] = "5.11",
        [BpfFeature.HashTake] = "5.14",
        [BpfFeature.PerCpuFlags] = "7.0",
        [BpfFeature.SyscallProgram] = "5.14",
        [BpfFeature.LoopHelper] = "5.17",
        [BpfFeature.TcxLink] = "6.6",
        [BpfFeature.BtfFunctions] = "5.0",
        [BpfFeature.BtfGlobalFunctions] = "5.6",
        [BpfFeature.BtfDataSections] = "5.2",
        [BpfFeature.BtfQuestionMarkSections] = "6.9",
        [BpfFeature.BtfFloat] = "5.13",
        [BpfFeature.BtfDeclarationTags] = "5.16",
        [BpfFeature.BtfTypeTags] = "5.17",
        [BpfFeature.BtfEnum64] = "6.0",
        [BpfFeature.AttachCookie] = "5.15",
        [BpfFeature.KProbeMultiLink] = "5.18",
        [BpfFeature.UProbeMultiLink] = "6.6",
        [BpfFeature.SyscallWrapper] = "4.17",
        [BpfFeature.NetkitLink] = "6.7",
        [BpfFeature.CGroupOrder] = "6.17",
        [BpfFeature.ContextTags] = "6.8",
        [BpfFeature.TracingMultiLink] = "7.2",
        [BpfFeature.JumpTables] = "6.19",
        [BpfFeature.UseWithoutCapabilities] = "5.19",
    };

    private static readonly HashSet<BpfFeature> s_configured =
        [BpfFeature.KProbeMultiLink, BpfFeature.UProbeMultiLink, BpfFeature.SyscallWrapper, BpfFeature.NetkitLink, BpfFeature.TracingMultiLink];

    public static TheoryData<BpfFeature> Features => [.. Enum.GetValues<BpfFeature>()];

    [Theory]
    [MemberData(nameof(Features))]
    public void This_kernel_has_every_feature_of_its_version(BpfFeature feature)
    {
        Assert.True(s_since.TryGetValue(feature, out string? since), $"say here from which version on Linux has {feature}");
        BpfFeatureResult result = BpfFeatures.Current.Check(feature);
        Assert.Equal(result.State != BpfFeatureState.Absent, BpfFeatures.Current.Has(feature));
        if (result.State == BpfFeatureState.Supported)
        {
            // An older one may have it too: distributions carry features back.
            return;
        }

        // The kernel's policy may refuse programs at functions, which the tests' own canary shows; some features are also a matter of the kernel's configuration.
        bool isRefused = feature is BpfFeature.TracingMultiLink && result.State == BpfFeatureState.Refused && Canary.Of("fentry/bpf_fentry_test1").Try() == -Errno.EPERM;
        bool isConfiguredOut = s_configured.Contains(feature) && !KernelFacts.Has(feature);
        Assert.True(isRefused || isConfiguredOut || (result.State == BpfFeatureState.Absent && KernelFacts.Running < Version.Parse(since)), result.ToString());
    }

    [Fact]
    public void One_call_answers_whether_something_is_supported()
    {
        Assert.True(BpfFeatures.IsSupported(BpfFeature.Btf));
        Assert.True(BpfFeatures.IsSupported(BpfProgramType.Xdp));
        Assert.True(BpfFeatures.IsSupported(BpfMapType.Hash));
        Assert.True(BpfFeatures.IsSupported(BpfProgramType.Xdp, "bpf_map_lookup_elem"));
        Assert.False(BpfFeatures.IsSupported(BpfProgramType.Xdp, "bpf_skb_load_bytes"));
        Assert.False(BpfFeatures.IsSupported((BpfMapType)0x7fff));
        Assert.False(BpfFeatures.IsSupported((BpfProgramType)0x7fff));
        Assert.Throws<ArgumentException>(() => BpfFeatures.IsSupported(BpfProgramType.Xdp, "bpf_no_such_helper"));
        foreach (BpfFeature feature in Enum.GetValues<BpfFeature>())
        {
            Assert.Equal(BpfFeatures.Current.Check(feature).State == BpfFeatureState.Supported, BpfFeatures.IsSupported(feature));
        }
    }

    [Theory]
    [InlineData(BpfFeature.BtfFloat, 5, 13)]
    [InlineData(BpfFeature.BtfDeclarationTags, 5, 16)]
    [InlineData(BpfFeature.BtfTypeTags, 5, 17)]
    [InlineData(BpfFeature.BtfEnum64, 6, 0)]
    [InlineData(BpfFeature.BtfQuestionMarkSections, 6, 9)]
    [InlineData(BpfFeature.BtfGlobalFunctions, 5, 6)]
    [InlineData(BpfFeature.BtfDataSections, 5, 2)]
    [InlineData(BpfFeature.BtfFunctions, 5, 0)]
    public void Kinds_of_types_are_found_where_the_kernel_has_them(BpfFeature feature, int major, int minor)
    {
        bool expected = Environment.OSVersion.Version >= new Version(major, minor);
        Assert.Equal(expected ? BpfFeatureState.Supported : BpfFeatureState.Absent, BpfFeatures.Current.Check(feature).State);
    }
}
