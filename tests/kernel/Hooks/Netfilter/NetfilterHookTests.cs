using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Netfilter;

/// <summary>Programs at the hooks of netfilter.</summary>
public sealed class NetfilterHookTests : KernelTest
{
    private const int Times = 20;

    [Fact]
    [Row("sections", "netfilter")]
    [Row("links", "netfilter (pf, hook, priority, defrag)")]
    public void Netfilter_programs_run() => Sandbox.WithNetwork(() =>
    {
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Netfilter));
        var place = new NetfilterOptions { Hook = NetfilterHook.LocalOut, Priority = 100 };
        BpfProgramLink link = hooks.Programs.Netfilter.Attach(place);
        Stimuli.Datagrams(Times);
        Assert.Equal((ulong)Times, hooks.Globals.Hits);
        var info = Assert.IsType<BpfNetfilterLinkInfo>(link.GetInfo());
        Assert.Equal((NetfilterFamily.IPv4, NetfilterHook.LocalOut, 100, false), (info.Family, info.Hook, info.Priority, info.Defragment));
        BpfProgramLink whole = HookPrograms.Attach(() => hooks.Programs.Netfilter.Attach(new NetfilterOptions { Hook = NetfilterHook.LocalIn, Defragment = true }));
        Assert.True(Assert.IsType<BpfNetfilterLinkInfo>(whole.GetInfo()).Defragment);
        Stimuli.Datagrams(Times);
        Assert.Equal(3ul * Times, hooks.Globals.Hits);
    });
}
