using Hypermesh.Bpf.Monitoring.Disk;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Disk;

public sealed class DiskDeviceTests : IDisposable
{
    private readonly string _sysFs = Directory.CreateTempSubdirectory("hypermesh-sys-").FullName;

    public void Dispose() => Directory.Delete(_sysFs, recursive: true);

    [Fact]
    public void Sysfs_tells_disks_with_requests_from_partitions_and_others()
    {
        Directory.CreateDirectory(Path.Combine(_sysFs, "dev/block/8:0/mq"));
        Directory.CreateDirectory(Path.Combine(_sysFs, "dev/block/8:1"));
        File.WriteAllText(Path.Combine(_sysFs, "dev/block/8:1/partition"), "1\n");
        Directory.CreateDirectory(Path.Combine(_sysFs, "dev/block/253:0"));
        Assert.Equal((false, true), Describe(8, 0));
        Assert.Equal((true, false), Describe(8, 1));
        Assert.Equal((false, false), Describe(253, 0));
        Assert.Equal((false, false), Describe(9, 9));
    }

    [Fact]
    public void Readings_are_compared_while_the_device_is_the_same()
    {
        var device = new DiskDevice(DeviceNumber.Make(8, 0), _sysFs);
        device.Describe("sda");
        Assert.True(Take(device, Row("sda", 10), Row("sda", 12)));
        Assert.True(Take(device, Row("sda", 12), Row("sda", 12)));
        Assert.Equal((12UL, 12UL), (device.LastAfter.Operations, device.Before.Operations));
    }

    [Fact]
    public void A_device_that_is_gone_or_another_one_is_not_compared()
    {
        var device = new DiskDevice(DeviceNumber.Make(8, 0), _sysFs);
        device.Describe("sda");
        Assert.True(Take(device, Row("sda", 10), Row("sda", 10)));
        Assert.False(Take(device, Row("sda", 10), null));
        Assert.False(Take(device, null, null));
        Assert.False(Take(device, null, Row("sda", 1)));
        Assert.Equal(2, device.Absences);
        Assert.True(Take(device, Row("sda", 2), Row("sda", 3)));
        Assert.Equal(0, device.Absences);
        Assert.False(Take(device, Row("sda", 1), Row("sda", 1)));
        Assert.False(Take(device, Row("sdb", 7), Row("sdb", 7)));
        Assert.Equal("sdb", device.Name);
        Assert.True(Take(device, Row("sdb", 8), Row("sdb", 8)));
    }

    [Theory]
    [InlineData(10, "EIO")]
    [InlineData(1, "EOPNOTSUPP")]
    [InlineData(12, "EAGAIN")]
    [InlineData(17, "status_17")]
    [InlineData(0x8000 | 5, "EIO")]
    [InlineData(0x8000 | 28, "ENOSPC")]
    [InlineData(0x8000 | 250, "errno_250")]
    public void An_error_has_the_name_of_its_number(int error, string name) => Assert.Equal(name, BlockErrors.Name(error));

    private static bool Take(DiskDevice device, DiskStatsRow? before, DiskStatsRow? after)
    {
        device.TakeBefore(before);
        device.TakeAfter(after);
        return device.IsComparable;
    }

    private static DiskStatsRow Row(string name, ulong reads)
        => new(DeviceNumber.Make(8, 0), System.Text.Encoding.UTF8.GetBytes(name)) { Values = new DiskStatsValues { Reads = new(reads, reads * 8, 1) } };

    private (bool IsPartition, bool HasRequests) Describe(uint major, uint minor)
    {
        var device = new DiskDevice(DeviceNumber.Make(major, minor), _sysFs);
        device.Describe("name");
        return (device.IsPartition, device.HasRequests);
    }
}
