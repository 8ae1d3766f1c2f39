using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed class CpuMonitorAllocationTests : KernelTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reading_allocates_nothing_once_it_is_warm(bool cost)
    {
        CpuMonitor monitor = Own(CpuMonitor.Start(new CpuMonitorOptions { MeasureCost = cost }));
        CpuReading reading = monitor.NewReading();
        for (int i = 0; i < 50; i++)
        {
            monitor.Read(reading);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            monitor.Read(reading);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Totals_that_are_kept_for_a_successor_allocate_nothing() => Sandbox.WithBpfFileSystem(static root =>
    {
        using MonitorSet set = MonitorSet.Start(new MonitorSetOptions { Names = ["cpu"], ByCGroup = true, Handover = new BpfHandover(Path.Combine(root, "set")) });
        for (int i = 0; i < 50; i++)
        {
            set.Read();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            set.Read();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        set.Withdraw();
    });
}
