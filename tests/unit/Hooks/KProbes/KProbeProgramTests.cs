using System.Text;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.KProbes;

/// <summary>Kernel probes where the kernel lacks something or refuses: the next way is taken, or the reason reported, and nothing is left open.</summary>
public sealed class KProbeProgramTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void Without_any_way_to_attach_the_error_asks_for_tracefs()
    {
        BpfKProbeProgram program = Program("kprobe/f");

        Assert.Contains("mount -t tracefs", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach()).Message, StringComparison.Ordinal);
        Clean(program);
    }

    [Fact]
    public void A_function_the_compiler_renamed_is_reported_by_its_new_name()
    {
        EventSource();
        _kernel.Files["/proc/kallsyms"] = Encoding.ASCII.GetBytes("ffffffff81000000 t do_thing.isra.0\nffffffff81000010 T other\t[module]\n");
        _kernel.Answer("perf_event_open", -Errno.ENOENT);
        BpfKProbeProgram program = Program("kprobe/do_thing");

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach());

        Assert.Contains("do_thing.isra.0", refusal.Needs, StringComparison.Ordinal);
        Clean(program);
    }

    [Fact]
    public void A_function_that_exists_twice_is_reported()
    {
        EventSource();
        _kernel.Files["/proc/kallsyms"] = Encoding.ASCII.GetBytes("ffffffff81000000 t twice\nffffffff81000010 t twice\n");
        _kernel.Answer("perf_event_open", -Errno.EADDRNOTAVAIL);
        BpfKProbeProgram program = Program("kprobe/twice");

        Assert.Contains("2 functions with that name", Assert.Throws<BpfException>(() => program.Attach()).Message, StringComparison.Ordinal);
        Clean(program);
    }

    [Theory]
    [InlineData("BPF_LINK_CREATE")]
    [InlineData("ioctl 0x2400")]
    public void A_failure_half_way_leaves_nothing_open(string call)
    {
        EventSource();
        _kernel.Answer(call, -Errno.ENOMEM);
        BpfKProbeProgram program = Program("kprobe/f");

        Assert.Throws<BpfSyscallException>(() => program.Attach());

        Assert.Empty(program.Links);
        Clean(program);
    }

    [Fact]
    public void A_cookie_is_not_lost_on_an_old_kernel()
    {
        EventSource();
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL);
        BpfKProbeProgram program = Program("kprobe/f");

        Assert.Contains("5.15", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach("f", new KProbeOptions { Cookie = 1 })).Message, StringComparison.Ordinal);
        Clean(program);
    }

    [Fact]
    public void Misuse_is_reported()
    {
        BpfKProbeProgram back = Program("kretprobe/f");
        Assert.Contains("cannot have an offset", Assert.Throws<BpfException>(() => back.Attach("f+0x10")).Message, StringComparison.Ordinal);
        BpfKProbeProgram entry = Program("kprobe");
        Assert.Null(entry.AutoAttach());
        Assert.Contains("SEC(\"kprobe/", Assert.Throws<BpfException>(() => entry.Attach()).Message, StringComparison.Ordinal);
        Assert.Contains("MaxActive", Assert.Throws<BpfException>(() => entry.Attach("f", new KProbeOptions { MaxActive = 5 })).Message, StringComparison.Ordinal);
        entry.Unload();
        Clean(back);
    }

    // Kernels with kprobes and without CONFIG_FPROBE answer EOPNOTSUPP, older ones EINVAL.
    [Theory]
    [InlineData(Errno.EINVAL)]
    [InlineData(Errno.EOPNOTSUPP)]
    public void A_kernel_without_links_to_many_functions_is_reported(int errno)
    {
        _kernel.OnBpf = (command, _) => command == BpfCommand.LinkCreate ? -errno : null;
        var program = new BpfKProbeMultiProgram(_kernel.NewProgram(BpfProgramType.KProbe) with { AttachType = BpfAttachType.TraceKProbeMulti });

        var byName = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach(["do_unlinkat"]));
        var byAddress = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach([0xffffffff81000000ul]));

        Assert.Equal(("Linux 5.18 with CONFIG_FPROBE", "Linux 5.18 with CONFIG_FPROBE"), (byName.Needs, byAddress.Needs));
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    private void EventSource()
    {
        _kernel.Files["/sys/bus/event_source/devices/kprobe/type"] = "8\n"u8.ToArray();
        _kernel.Files["/sys/bus/event_source/devices/kprobe/format/retprobe"] = "config:0\n"u8.ToArray();
    }

    private BpfKProbeProgram Program(string section)
    {
        int slash = section.IndexOf('/', StringComparison.Ordinal);
        return new(new BpfProgramDescriptor(_kernel, "probe", BpfProgramType.KProbe) { SectionName = section, Target = slash < 0 ? null : section[(slash + 1)..], Handle = _kernel.NewHandle() });
    }

    private void Clean(BpfKProbeProgram program)
    {
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
