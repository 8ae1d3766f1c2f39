using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed class MemoryMonitorAllocationTests : KernelTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reading_allocates_nothing_once_it_is_warm(bool cost)
    {
        using var group = new MemoryGroup(64 << 20);
        MemoryMonitor monitor = Own(MemoryMonitor.Start(new MemoryMonitorOptions { MeasureCost = cost }));
        MemoryReading reading = monitor.NewReading();
        for (int i = 0; i < 50 || (i < 500 && reading.CGroups.Count == 0); i++)
        {
            Thread.Sleep(10);
            monitor.Read(reading);
        }

        Assert.NotEmpty(reading.CGroups);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            monitor.Read(reading);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
