using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.PerfEvents;

/// <summary>Sampling on CPUs that come and go.</summary>
public sealed class PerfEventProgramTests
{
    private const string OnlineCpus = "/sys/devices/system/cpu/online";

    private readonly ScriptedKernel _kernel = new();

    [Theory]
    [InlineData("0,2-3\n", true)]
    [InlineData("0-3\n", false)]
    public void A_CPU_that_goes_offline_during_the_attach_is_skipped(string then, bool isAttached)
    {
        _kernel.Files["/sys/devices/system/cpu/possible"] = "0\n"u8.ToArray();
        _kernel.Files[OnlineCpus] = "0-3\n"u8.ToArray();
        int opened = 0;
        _kernel.OnCall = call =>
        {
            if (call != "perf_event_open" || ++opened != 2)
            {
                return null;
            }

            _kernel.Files[OnlineCpus] = System.Text.Encoding.ASCII.GetBytes(then);
            return -Errno.ENODEV;
        };
        var program = new BpfPerfEventProgram(new BpfProgramDescriptor(_kernel, "sample", BpfProgramType.PerfEvent) { Handle = _kernel.NewHandle(), SectionName = "perf_event" });
        if (isAttached)
        {
            int before = _kernel.OpenDescriptors.Count;
            Assert.True(program.Attach(PerfEventSource.Software(PerfSoftwareEvent.CpuClock), PerfEventTarget.AllCpus).IsAttached);
            Assert.Equal(4, opened);

            // An event and a link for each CPU that is left.
            Assert.Equal(before + 6, _kernel.OpenDescriptors.Count);
        }
        else
        {
            Assert.Equal(Errno.ENODEV, Assert.ThrowsAny<BpfSyscallException>(() => program.Attach(PerfEventSource.Software(PerfSoftwareEvent.CpuClock), PerfEventTarget.AllCpus)).Errno);
            Assert.Empty(program.Links);
        }

        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }
}
