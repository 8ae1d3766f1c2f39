using System.Diagnostics;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.PerfEvents;

/// <summary>Programs at perf events of all kinds this machine counts.</summary>
public sealed class PerfEventTests : TracingTest
{
    private const int PageSize = 4096;

    [Fact]
    [Row("sections", "perf_event")]
    [Row("links", "perf_event program on a sampling fd")]
    public void Each_page_fault_is_counted()
    {
        const int Pages = 50;
        using MappingHandle fresh = MappingHandle.TryMap(
            Kernel, Pages * PageSize, MemoryProtection.Read | MemoryProtection.Write, MemoryMapping.Private | (MemoryMapping)0x20, -1, 0, out _)!;
        nint start = fresh.DangerousGetHandle();

        // Pages of ordinary size, one fault each.
        LibC.Syscall(28, start, Pages * PageSize, 15, 0, 0);
        Samples samples = Load(spec =>
        {
            spec.Globals.First = (ulong)start;
            spec.Globals.End = (ulong)start + (Pages * PageSize);
            return spec.Programs.Sample;
        });

        BpfProgramLink link = samples.Programs.Sample.Attach(PerfEventSource.Software(PerfSoftwareEvent.PageFaults), PerfEventTarget.Thread(ThreadId));
        Touch(start, Pages);

        Assert.Equal((ulong)Pages, samples.Globals.InRange);
        Assert.Equal(KernelFacts.Has(BpfFeature.PerfEventLink), link.Id is not null);
        link.Dispose();
    }

    [Fact]
    [Row("links", "perf_event program on a sampling fd")]
    public void A_clock_samples_every_CPU()
    {
        Samples samples = Load(spec => spec.Programs.Sample);

        samples.Programs.Sample.Attach(PerfEventSource.Software(PerfSoftwareEvent.CpuClock).PerSecond(500), PerfEventTarget.AllCpus);
        var watch = Stopwatch.StartNew();
        while (watch.ElapsedMilliseconds < 300)
        {
            // A busy CPU is sampled; idle ones may not be.
        }

        ulong hits = samples.Globals.Hits;
        Assert.True(hits > 20, $"{hits} samples in 0.3 s at 500 Hz");
    }

    [Fact]
    [Row("links", "perf_event program on a sampling fd")]
    public void Each_write_of_an_address_is_counted()
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        Samples samples = Load(spec => spec.Programs.Sample);

        try
        {
            samples.Programs.Sample.Attach(PerfEventSource.Breakpoint(probed.Counter, PerfBreakpointAccess.Write, 2), PerfEventTarget.Thread(probed.Id));
        }
        catch (BpfSyscallException reason) when (reason.Errno is Errno.ENOENT or Errno.EOPNOTSUPP or Errno.ENODEV)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(reason.Message);
            Assert.Skip("this machine has no breakpoints");
        }

        probed.Do(Calls);

        // A processor emulated in software has the registers and may never raise the event; on any other, nothing counted is a failure.
        ulong hits = samples.Globals.Hits;
        Assert.SkipWhen(hits == 0 && Emulation.IsEmulated, "this emulated processor takes breakpoints and never fires them");
        Assert.SkipWhen(hits == 0 && CountWrites() == 0, "policy: this machine's hypervisor takes breakpoints and never fires them: the kernel's own event counts no write either");
        Assert.Equal((ulong)Calls, hits);
    }

    // Writes that the kernel's event counts by itself, without any program.
    private static unsafe ulong CountWrites()
    {
        const int PerfEventOpen = 298, Read = 0, Close = 3, Breakpoint = 5, Size = 128, Write = 2;
        const ulong ExcludeKernel = 1 << 5;
        long watched = 0;
        byte* attributes = stackalloc byte[Size];
        new Span<byte>(attributes, Size).Clear();
        (*(int*)attributes, *(int*)(attributes + 4), *(ulong*)(attributes + 40)) = (Breakpoint, Size, ExcludeKernel);
        (*(int*)(attributes + 52), *(long*)(attributes + 56), *(long*)(attributes + 64)) = (Write, (long)&watched, sizeof(long));
        nint descriptor = (nint)LibC.Syscall(PerfEventOpen, (nint)attributes, 0, -1, -1, 0);
        Assert.True(descriptor >= 0);
        for (int i = 0; i < Calls; i++)
        {
            Volatile.Write(ref watched, i);
        }

        ulong count = 0;
        Assert.Equal(sizeof(ulong), LibC.Syscall(Read, descriptor, (nint)(&count), sizeof(ulong), 0, 0));
        LibC.Syscall(Close, descriptor, 0, 0, 0, 0);
        return count;
    }

    [Fact]
    [Row("links", "perf_event program on a hardware counter")]
    public void The_processors_counters_are_sampled()
    {
        Samples samples = Load(spec => spec.Programs.Sample);
        try
        {
            samples.Programs.Sample.Attach(PerfEventSource.Hardware(PerfHardwareEvent.CpuCycles).Every(100_000), PerfEventTarget.Thread(ThreadId));
        }
        catch (BpfSyscallException reason) when (reason.Errno is Errno.ENOENT or Errno.EOPNOTSUPP or Errno.ENODEV)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(reason.Message);
            Assert.Skip("not fired: this machine's processor has no counters for us");
        }

        var watch = Stopwatch.StartNew();
        while (watch.ElapsedMilliseconds < 100)
        {
            // Cycles.
        }

        Assert.True(samples.Globals.Hits > 0);
    }

    [Fact]
    [Row("links", "perf_event program on a sampling fd")]
    public void An_event_of_the_caller_has_a_cookie()
    {
        Needs(BpfFeature.AttachCookie);
        Samples samples = Load(spec => spec.Programs.SampleCookie);
        PerfEventAttr attributes = PerfEventSource.Software(PerfSoftwareEvent.PageFaults).Attributes;
        using var @event = new BpfHandle(Kernel, Kernel.PerfEventOpen(in attributes, ThreadId, -1));
        using MappingHandle fresh = MappingHandle.TryMap(
            Kernel, PageSize, MemoryProtection.Read | MemoryProtection.Write, MemoryMapping.Private | (MemoryMapping)0x20, -1, 0, out _)!;

        BpfProgramLink link = samples.Programs.SampleCookie.Attach(@event, cookie: 5);
        Touch(fresh.DangerousGetHandle(), 1);
        link.Dispose();

        ulong hits = samples.Globals.Hits;
        Assert.True(hits > 0);
        Assert.Equal(hits * 5, samples.Globals.Cookies);
        Assert.False(@event.IsClosed);
    }

    private static unsafe void Touch(nint start, int pages)
    {
        for (int page = 0; page < pages; page++)
        {
            *(byte*)(start + (page * PageSize)) = 1;
        }
    }

    private Samples Load(Func<Samples.Spec, BpfProgramSpec> choose)
    {
        Samples.Spec spec = Samples.Open();
        choose(spec).Enabled = true;
        return Own(spec.Load());
    }
}
