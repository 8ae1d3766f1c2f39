using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Lirc;

/// <summary>Infrared receivers, which have no links.</summary>
public sealed class LircProgramTests
{
    private readonly ScriptedKernel _kernel = new() { Files = { ["/dev/lirc0"] = [] } };

    [Fact]
    public void A_receiver_is_attached_to_without_a_link()
    {
        var program = new BpfLircProgram(_kernel.NewProgram(BpfProgramType.LircMode2, BpfAttachType.LircMode2));
        using (LircDevice device = LircDevice.Open(_kernel, "/dev/lirc0"))
        {
            Assert.True(program.Attach(device).IsAttached);
        }

        program.Unload();
        Assert.Contains("BPF_PROG_DETACH", _kernel.Calls);
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
