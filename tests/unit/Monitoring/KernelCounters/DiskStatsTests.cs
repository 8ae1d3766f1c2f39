using System.Text;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.KernelCounters;

public sealed class DiskStatsTests
{
    private const string Current = " 254       0 vda 51211 9032 3426538 48340 16099 33044 6954976 43977 0 21148 97479 10928 76 1991736 4082 579 1078\n";

    [Fact]
    public void Each_operation_has_its_counters()
    {
        DiskStatsValues values = Parse(Current)[DeviceNumber.Make(254, 0)].Values;
        Assert.Equal(new DiskStatsCounts(51211, 3426538, 48340), values.Reads);
        Assert.Equal(new DiskStatsCounts(16099, 6954976, 43977), values.Writes);
        Assert.Equal(new DiskStatsCounts(10928, 1991736, 4082), values.Discards);
        Assert.Equal(new DiskStatsCounts(579, 0, 1078), values.Flushes);
        Assert.Equal((51211UL + 16099 + 10928 + 579, (3426538UL + 6954976 + 1991736) * 512), (values.Operations, values.Bytes));
    }

    [Theory]
    [InlineData("7 0 loop0 1 2 3 4 5 6 7 8 9 10 11\n", 1 + 5, 3 + 7)]
    [InlineData("7 0 loop0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n", 1 + 5 + 12, 3 + 7 + 14)]
    [InlineData("7 0 loop0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\n", 1 + 5 + 12 + 16, 3 + 7 + 14)]
    public void A_kernel_may_have_fewer_fields_or_more(string text, ulong operations, ulong sectors)
    {
        DiskStatsRow row = Parse(text)[DeviceNumber.Make(7, 0)];
        Assert.Equal(("loop0", operations, sectors * 512), (row.Name, row.Values.Operations, row.Values.Bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("7 x loop0 1 2 3\n")]
    [InlineData("seven\n")]
    [InlineData("7 0 loop0 1 2 3 4 5 6 7 8 9 10 11")]
    public void A_line_that_is_not_understood_is_skipped(string text) => Assert.Empty(Parse(text));

    [Fact]
    public void A_device_of_the_same_number_and_another_name_is_another_device()
    {
        using var file = new TemporaryStats(Current + "7 0 loop0 1 0 0 0 0 0 0 0 0 0 0\n");
        file.Stats.Read();
        DiskStatsRow vda = file.Stats.Rows[DeviceNumber.Make(254, 0)];
        file.Write(Current.Replace("vda", "vdb", StringComparison.Ordinal));
        file.Stats.Read();
        DiskStatsRow vdb = Assert.Single(file.Stats.Rows).Value;
        Assert.Equal(("vda", "vdb"), (vda.Name, vdb.Name));
        file.Stats.Read();
        Assert.Same(vdb, Assert.Single(file.Stats.Rows).Value);
    }

    [Fact]
    public void A_counter_that_goes_back_is_another_devices()
    {
        var more = new DiskStatsValues { Reads = new(5, 40, 1), Writes = new(1, 8, 1) };
        var less = new DiskStatsValues { Reads = new(5, 39, 1), Writes = new(9, 80, 1) };
        Assert.True(less.IsLessThan(more));
        Assert.False(more.IsLessThan(more));
    }

    [Fact]
    public void A_number_is_written_as_in_sysfs() => Assert.Equal("259:1048575", DeviceNumber.Text(DeviceNumber.Make(259, 1048575)));

    private static Dictionary<uint, DiskStatsRow> Parse(string text)
    {
        using var file = new TemporaryStats("");
        file.Stats.Parse(Encoding.UTF8.GetBytes(text));
        return file.Stats.Rows;
    }

    private sealed class TemporaryStats : IDisposable
    {
        private readonly string _path = Path.GetTempFileName();

        internal TemporaryStats(string text)
        {
            Write(text);
            Stats = new DiskStats(new ProcFile(_path));
        }

        internal DiskStats Stats { get; }

        internal void Write(string text) => File.WriteAllText(_path, text);

        public void Dispose()
        {
            Stats.Dispose();
            File.Delete(_path);
        }
    }
}
