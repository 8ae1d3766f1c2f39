using System.Text;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.KProbes;

/// <summary>Probes where the kernel lacks something or refuses: the next way is taken, or the reason told, and nothing is left open.</summary>
public sealed class ProbeTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void WithoutAnythingTheTracingFileSystemIsAskedFor()
    {
        BpfKProbeProgram program = Program("kprobe/f");

        Assert.Contains("mount -t tracefs", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach()).Message, StringComparison.Ordinal);
        Clean(program);
    }

    [Fact]
    public void AFunctionTheCompilerRenamedIsToldByItsNewName()
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
    public void AFunctionThatIsThereTwiceIsToldSo()
    {
        EventSource();
        _kernel.Files["/proc/kallsyms"] = Encoding.ASCII.GetBytes("ffffffff81000000 t twice\nffffffff81000010 t twice\n");
        _kernel.Answer("perf_event_open", -Errno.EADDRNOTAVAIL);
        BpfKProbeProgram program = Program("kprobe/twice");

        Assert.Contains("2 functions of that name", Assert.Throws<BpfException>(() => program.Attach()).Message, StringComparison.Ordinal);
        Clean(program);
    }

    [Theory]
    [InlineData("BPF_LINK_CREATE")]
    [InlineData("ioctl 0x2400")]
    public void AFailureHalfWayLeavesNothing(string call)
    {
        EventSource();
        _kernel.Answer(call, -Errno.ENOMEM);
        BpfKProbeProgram program = Program("kprobe/f");

        Assert.Throws<BpfSyscallException>(() => program.Attach());

        Assert.Empty(program.Links);
        Clean(program);
    }

    [Fact]
    public void ACookieIsNotLostOnAnOldKernel()
    {
        EventSource();
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL);
        BpfKProbeProgram program = Program("kprobe/f");

        Assert.Contains("5.15", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach("f", new KProbeOptions { Cookie = 1 })).Message, StringComparison.Ordinal);
        Clean(program);
    }

    [Fact]
    public void MisuseIsTold()
    {
        BpfKProbeProgram back = Program("kretprobe/f");
        Assert.Contains("no offset", Assert.Throws<BpfException>(() => back.Attach("f+0x10")).Message, StringComparison.Ordinal);
        BpfKProbeProgram entry = Program("kprobe");
        Assert.Null(entry.AutoAttach());
        Assert.Contains("SEC(\"kprobe/", Assert.Throws<BpfException>(() => entry.Attach()).Message, StringComparison.Ordinal);
        Assert.Contains("MaxActive", Assert.Throws<BpfException>(() => entry.Attach("f", new KProbeOptions { MaxActive = 5 })).Message, StringComparison.Ordinal);
        entry.Unload();
        Clean(back);
    }

    [Fact]
    public void ASecurityHookThatWouldNeverRunIsToldSo()
    {
        _kernel.Files["/sys/kernel/security/lsm"] = "lockdown,capability\n"u8.ToArray();
        var program = new BpfLsmProgram(Descriptor("lsm/file_open", BpfProgramType.Lsm));

        Assert.Contains("lsm=lockdown,capability,bpf", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach()).Message, StringComparison.Ordinal);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    private void EventSource()
    {
        _kernel.Files["/sys/bus/event_source/devices/kprobe/type"] = "8\n"u8.ToArray();
        _kernel.Files["/sys/bus/event_source/devices/kprobe/format/retprobe"] = "config:0\n"u8.ToArray();
    }

    private BpfKProbeProgram Program(string section) => new(Descriptor(section, BpfProgramType.KProbe));

    private BpfProgramDescriptor Descriptor(string section, BpfProgramType type)
    {
        int slash = section.IndexOf('/', StringComparison.Ordinal);
        return new BpfProgramDescriptor(_kernel, "probe", type) { SectionName = section, Target = slash < 0 ? null : section[(slash + 1)..], Handle = _kernel.NewHandle() };
    }

    private void Clean(BpfKProbeProgram program)
    {
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
