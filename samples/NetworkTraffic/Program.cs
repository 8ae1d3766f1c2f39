// Prints the traffic of each interface once a second, and the packets that the kernel drops, by reason. Ends after the number of readings that is given, or at Ctrl-C.
using Hypermesh.Bpf;
using Hypermesh.Bpf.Monitoring;

int readings = args is [string count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

try
{
    await using NetworkMonitor monitor = NetworkMonitor.Start();
    NetworkReading reading = monitor.NewReading();
    using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
    for (int i = 0; i < readings && await second.WaitForNextTickAsync(stop.Token); i++)
    {
        monitor.Read(reading);
        Console.WriteLine($"{"INTERFACE",-16}{"RECEIVED",10}{"Mbit/s",10}{"SENT",10}{"Mbit/s",10}{"TCP",10}{"UDP",10}");
        foreach (NetworkInterfaceFigures one in reading.Interfaces)
        {
            Console.WriteLine(
                $"{one.Name,-16}{one.Received.Packets,10}{Megabits(one.Received),10:F1}{one.Transmitted.Packets,10}{Megabits(one.Transmitted),10:F1}"
                + $"{Packets(one, NetworkTransport.Tcp),10}{Packets(one, NetworkTransport.Udp),10}");
        }

        Console.WriteLine($"dropped: {string.Join(", ", reading.Drops.Select(static drop => $"{drop.Packets} {drop.Reason}"))}");
        Console.WriteLine($"{reading.Condition} {reading.Reason}");
    }

    return 0;

    double Megabits(NetworkDirectionFigures direction) => direction.Bytes * 8 / reading.Duration.TotalSeconds / 1e6;
}
catch (OperationCanceledException)
{
    return 0;
}
catch (BpfException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static ulong Packets(NetworkInterfaceFigures one, NetworkTransport transport)
    => one.Received.PacketsOf(NetworkType.IPv4, transport) + one.Received.PacketsOf(NetworkType.IPv6, transport)
        + one.Transmitted.PacketsOf(NetworkType.IPv4, transport) + one.Transmitted.PacketsOf(NetworkType.IPv6, transport);
