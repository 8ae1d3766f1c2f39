namespace Hypermesh.Bpf.Tests.Kernel.Features;

/// <summary>What this kernel is too old for.</summary>
public sealed class FeatureErrorTests : KernelTest
{
    [Fact]
    public void A_feature_this_kernel_is_too_old_for_is_named_with_its_version()
    {
        BpfFeature[] missing = [.. new[] { BpfFeature.TaskStorage, BpfFeature.HashTake, BpfFeature.SyscallProgram, BpfFeature.TcxLink }.Where(static feature => !KernelFacts.Has(feature))];
        Assert.SkipWhen(missing.Length == 0, "this kernel has every feature there is a probe for, so none can be refused for its age");
        foreach (BpfFeature feature in missing)
        {
            var told = Assert.Throws<BpfFeatureNotSupportedException>(() => Use(feature));
            Assert.StartsWith("Linux ", told.Needs, StringComparison.Ordinal);
            Assert.Contains(told.Needs, told.Message, StringComparison.Ordinal);
        }
    }

    private void Use(BpfFeature feature)
    {
        switch (feature)
        {
            case BpfFeature.TaskStorage:
                Create(BpfMapType.TaskStorage, 4, 4, 0, BpfMapFlags.NoPreallocation);
                break;
            case BpfFeature.HashTake:
                new BpfHashMap<uint, uint>(Create(BpfMapType.Hash, 4, 4, 1)).TryTake(1, out _);
                break;
            case BpfFeature.TcxLink:
                var program = new BpfSchedClassifierProgram(Load.Descriptor("tc", BpfProgramType.SchedCls, [Code.Move(0, 0), Code.Exit()]));
                Own(new Unload(program));
                program.Attach(NetworkDevice.FromName("lo"), PacketDirection.Ingress);
                break;
            default:
                BpfInstructionProgram.Load(new[] { Code.Move(0, 0), Code.Exit() }.Bytes(), BpfProgramType.Syscall).Dispose();
                break;
        }
    }
}
