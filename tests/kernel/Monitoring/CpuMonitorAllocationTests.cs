using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed class CpuMonitorAllocationTests : KernelTest
{
    [Fact]
    public void Reading_allocates_nothing_once_it_is_warm()
    {
        CpuMonitor monitor = Own(CpuMonitor.Start());
        CpuReading reading = monitor.NewReading();
        for (int i = 0; i < 50; i++)
        {
            monitor.Read(reading);
        }

        // A reading that lacks the last switches of a CPU looks them up by an iterator of its own, which allocates: most do not.
        int free = 0;
        for (int i = 0; i < 100; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            monitor.Read(reading);
            free += GC.GetAllocatedBytesForCurrentThread() == before ? 1 : 0;
        }

        Assert.True(free > 50, $"{free} of 100 readings allocated nothing");
    }
}
