// Prints each TCP connection of the machine when it ends, until Ctrl-C, and then how many were lost.
using Hypermesh.Bpf;
using Hypermesh.Bpf.Monitoring;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

try
{
    await using TcpMonitor monitor = TcpMonitor.Start();
    TcpReading reading = monitor.NewReading();
    Console.WriteLine($"{"PID",-8}{"PROCESS",-16}{"DIR",-4}{"LOCAL",-24}{"REMOTE",-24}{"SENT",12}{"RECEIVED",12}{"RTT ms",9}{"RETR",6}{"LIFE ms",12}");
    try
    {
        await foreach (TcpConnection one in monitor.ReadAllAsync(stop.Token))
        {
            string direction = one.Direction switch { TcpDirection.In => "in", TcpDirection.Out => "out", _ => "?" };
            Console.WriteLine(
                $"{one.ProcessId,-8}{one.ProcessName,-16}{direction,-4}{one.Local,-24}{one.Remote,-24}{one.BytesAcknowledged,12}{one.BytesReceived,12}"
                + $"{one.RoundTrip.TotalMilliseconds,9:F3}{one.Retransmits,6}{one.Life?.TotalMilliseconds,12:F1}");
        }
    }
    catch (OperationCanceledException)
    {
        monitor.Read(reading);
        Console.WriteLine($"{reading.EventsDelivered} shown, {reading.Dropped} lost, {reading.Retransmits} segments sent again; {reading.Reason ?? "all hooks fire"}");
    }

    return 0;
}
catch (BpfException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
