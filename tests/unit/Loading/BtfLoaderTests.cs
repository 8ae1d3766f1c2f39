using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.BtfSanitizing;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>The types of an object on their way into a kernel that may not know all their kinds.</summary>
public sealed class BtfLoaderTests
{
    [Fact]
    public unsafe void A_kernel_that_rejects_types_is_probed_and_gets_what_it_knows()
    {
        var kernel = new ScriptedKernel();
        var loaded = new List<BtfTypes>();
        kernel.OnBpf = (command, attributes) =>
        {
            if (command != BpfCommand.BtfLoad)
            {
                return null;
            }

            var attr = (BtfLoadAttr*)attributes;
            BtfTypes types = BtfTypes.Read(new Span<byte>((void*)attr->Btf, (int)attr->BtfSize).ToArray(), "loaded");
            loaded.Add(types);
            return (BtfSanitizer.Needs(types) & BtfAbilities.GlobalFunctions) != 0 ? -Errno.EINVAL : null;
        };
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");

        using (BpfHandle? btf = BtfLoader.Load(kernel, spec, null, out _, out BpfSyscallException? refused))
        {
            Assert.NotNull(btf);
            Assert.Null(refused);
        }

        Assert.Equal(spec.Btf!.Count, loaded[^1].Count);
        Assert.Equal(BpfFeatureState.Absent, BpfFeatures.Of(kernel).Check(BpfFeature.BtfGlobalFunctions).State);
        Assert.Empty(kernel.OpenDescriptors);
    }

    [Fact]
    public void A_kernel_that_accepts_types_is_asked_once()
    {
        var kernel = new ScriptedKernel();
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");

        BtfLoader.Load(kernel, spec, null, out _, out _)!.Dispose();

        Assert.Single(kernel.Calls, "BPF_BTF_LOAD");
        Assert.Equal(BpfFeatureState.Supported, BpfFeatures.Of(kernel).Check(BpfFeature.BtfFunctions).State);
        Assert.Single(kernel.Calls, "BPF_BTF_LOAD");
    }
}
