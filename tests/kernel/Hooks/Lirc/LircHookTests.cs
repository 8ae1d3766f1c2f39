using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Lirc;

/// <summary>An infrared receiver is needed to fire these, and no kernel here has one that takes programs: what is there instead is said.</summary>
public sealed class LircHookTests : KernelTest
{
    [Fact]
    [Row("sections", "lirc_mode2")]
    [Row("links", "lirc_mode2")]
    public void A_receiver_is_attached_to_where_there_is_one()
    {
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Lirc));
        Assert.True(hooks.Programs.Lirc.IsLoaded);
        string? path = Directory.EnumerateFiles("/dev", "lirc*").FirstOrDefault();
        Assert.SkipWhen(path is null, "loaded, but not fired: there is no /dev/lirc*, an infrared receiver");
        using LircDevice device = LircDevice.Open(path!);
        BpfProgramLink link = hooks.Programs.Lirc.Attach(device);
        Assert.Equal(hooks.Programs.Lirc.Id, Assert.Single(device.Query().Programs).ProgramId);
        link.Dispose();
        Assert.Skip($"attached to {path}, but nothing here sends infrared light");
    }
}
