using System.Diagnostics;
using Hypermesh.Bpf.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>Functions, types and targets that only a module of the kernel has.</summary>
public sealed class ModuleTests : KernelTest
{
    private const int NoEntry = -2;

    [Fact]
    [Row("externs", "kfuncs: module BTF (fd_array)")]
    [Row("externs", "CO-RE against module BTF")]
    [Row("lifecycle", "split BTF for modules")]
    public void A_function_of_a_module_is_called_and_its_types_are_known()
    {
        NeedsModule();
        Modules.Spec spec = Modules.Open();
        spec.Programs.Entry.Enabled = false;
        spec.Programs.NamedEntry.Enabled = false;
        Modules live = Own(spec.Load());

        Run(live);

        Assert.Equal(1ul, live.Globals.Calls);
        // There is no such connection; a bad call would say EINVAL.
        Assert.Equal(NoEntry, live.Globals.Error);
        Assert.True(live.Globals.Size >= 12, $"struct bpf_ct_opts of {live.Globals.Size} bytes");
    }

    [Fact]
    [Row("sections", "fentry")]
    public void A_function_of_a_module_is_traced()
    {
        NeedsModule();
        Modules live = Own(Modules.Open().Load());
        live.Programs.Entry.Attach();
        live.Programs.NamedEntry.Attach();

        Run(live);

        Assert.Equal(1ul, live.Globals.Entries);
        Assert.Equal(1ul, live.Globals.NamedEntries);
    }

    [Fact]
    [Row("sections", "fentry.multi")]
    public void Functions_of_a_module_are_traced_by_one_link()
    {
        NeedsModule();
        Needs(BpfFeature.TracingMultiLink);
        Modules.Spec spec = Modules.Open();
        spec.Programs.Many.Enabled = true;
        Modules live = Own(spec.Load());
        Assert.Equal("nf_conntrack", live.Programs.Many.Module);
        BpfProgramLink link = live.Programs.Many.Attach();

        Run(live);

        Assert.Equal(1ul, live.Globals.ManyEntries);
        var info = Assert.IsType<BpfTracingMultiLinkInfo>(BpfLinkInfo.FromId(link.Id!.Value));
        Assert.Contains("nf_conntrack_find_get", info.Functions.Select(static function => function.Name));
        Assert.Contains("module nf_conntrack", Assert.Throws<BpfException>(() => live.Programs.Many.Attach("veth:*")).Message, StringComparison.Ordinal);
        link.Dispose();
        live.Programs.Many.Attach(["nf_conntrack_find_get"]);
        Run(live);
        Assert.Equal(2ul, live.Globals.ManyEntries);
    }

    [Fact]
    public void A_target_is_searched_only_in_the_module_that_is_named()
    {
        NeedsModule();
        Modules.Spec spec = Modules.Open();
        spec.Programs.WrongModule.Enabled = true;

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => spec.Load());

        Assert.Contains("no_such_module:nf_conntrack_find_get", refusal.Message, StringComparison.Ordinal);
    }

    private static void Run(Modules live) => Assert.Equal(0, EmptyPacket.Run(live.Programs.Lookup).Answer);

    private static void NeedsModule()
    {
        using (Process modprobe = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "modprobe nf_conntrack 2>/dev/null"]))!)
        {
            modprobe.WaitForExit();
        }

        Assert.SkipUnless(KernelNames.HasModuleFunction("nf_conntrack", "bpf_skb_ct_lookup"), "no module of this kernel has a function programs may call (nf_conntrack's bpf_skb_ct_lookup)");
    }
}
