using System.Text;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.KernelCounters;

public sealed class NetDevFileTests : IDisposable
{
    private const string Head = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed

        """;

    private readonly DirectoryInfo _proc = Directory.CreateTempSubdirectory();

    public NetDevFileTests() => _proc.CreateSubdirectory("thread-self/net");

    public void Dispose() => _proc.Delete(recursive: true);

    [Fact]
    public void An_interface_has_its_counters_of_both_directions()
    {
        ReadOnlySpan<byte> text = Encoding.ASCII.GetBytes(Head + "    lo:    3193      29    1    2    0     0          0         7     3194      30    3    4    0     0       0          0\n");
        Assert.True(NetDevFile.TryNext(ref text, out ReadOnlySpan<byte> name, out InterfaceCounts counts));
        Assert.Equal("lo", Encoding.ASCII.GetString(name));
        Assert.Equal((3193UL, 29UL, 1UL, 2UL), (counts.ReceivedBytes, counts.ReceivedPackets, counts.ReceiveErrors, counts.ReceiveDrops));
        Assert.Equal((3194UL, 30UL, 3UL, 4UL), (counts.TransmittedBytes, counts.TransmittedPackets, counts.TransmitErrors, counts.TransmitDrops));
        Assert.False(NetDevFile.TryNext(ref text, out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no colon\n")]
    [InlineData(":\n")]
    [InlineData("eth0: 1 2 3\n")]
    [InlineData("eth0: 1 2 3 4 5 6 7 8 9 10 11\n")]
    [InlineData("eth0: 1 2 3 x 5 6 7 8 9 10 11 12\n")]
    [InlineData("eth0: 99999999999999999999999999 2 3 4 5 6 7 8 9 10 11 12\n")]
    public void A_line_that_is_no_interface_is_left_out(string line)
    {
        ReadOnlySpan<byte> text = Encoding.ASCII.GetBytes(Head + line);
        Assert.False(NetDevFile.TryNext(ref text, out _, out _));
        Assert.True(text.IsEmpty);
    }

    [Fact]
    public void Interfaces_appear_move_and_vanish()
    {
        Write(("lo", 1), ("eth0", 10));
        using var file = new NetDevFile(_proc.FullName);
        file.ReadBefore();
        file.ReadAfter();
        KernelInterface ethernet = file.FindName("eth0")!;
        Assert.True(ethernet.IsNew);

        Write(("lo", 2), ("late", 5), ("eth0", 30));
        file.ReadBefore();
        Write(("lo", 2), ("late", 6), ("eth0", 31));
        file.ReadAfter();
        Assert.Same(ethernet, file.Find("eth0"u8));
        Assert.Equal((10UL, 10UL, 30UL, 31UL, false), (
            ethernet.LastBefore.ReceivedPackets, ethernet.LastAfter.ReceivedPackets, ethernet.Before.ReceivedPackets, ethernet.After.ReceivedPackets, ethernet.IsNew));
        Assert.True(file.FindName("late")!.IsNew);
        Assert.Equal(["lo", "late", "eth0"], file.Interfaces.Select(static one => one.Name));

        Write(("lo", 3));
        file.ReadBefore();
        file.ReadAfter();
        Assert.Null(file.FindName("eth0"));
        Assert.Equal(["lo"], file.Interfaces.Select(static one => one.Name));
    }

    private void Write(params (string Name, int Packets)[] interfaces)
        => File.WriteAllText(Path.Combine(_proc.FullName, "thread-self/net/dev"), Head + string.Concat(interfaces.Select(static one => $"{one.Name}: 0 {one.Packets} 0 0 0 0 0 0 0 {one.Packets} 0 0 0 0 0 0\n")));
}
