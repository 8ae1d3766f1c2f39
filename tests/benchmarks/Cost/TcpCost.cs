using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// The run time of the TCP monitor's programs for each connection, beside that of Debian's tcplife (libbpf-tools) in the same run: both print or count the same connections. The program of
/// connections gives what tcplife gives; the whole monitor also measures each segment that arrives.
/// </summary>
internal static class TcpCost
{
    private const int Bytes = 1000;

    internal static async Task<int> Run(int connections)
    {
        Dictionary<uint, ulong> others = ProgramTimes.Read();
        await using TcpMonitor monitor = TcpMonitor.Start(new TcpMonitorOptions { MeasureCost = true });
        uint[] ours = [.. ProgramTimes.Read().Keys.Except(others.Keys)];
        uint[] states = [.. ProgramTimes.Named("inet_sock_set_s").Intersect(ours)];
        using Process tcplife = Process.Start(new ProcessStartInfo("stdbuf", ["-oL", "tcplife"]) { RedirectStandardOutput = true })!;
        Task<string> printed = tcplife.StandardOutput.ReadToEndAsync();
        using var stop = new CancellationTokenSource();
        Task<int> events = Count(monitor, stop.Token);
        try
        {
            uint[] theirs = await WaitForPrograms([.. others.Keys, .. ours]);
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            for (int i = 0; i < connections / 10; i++)
            {
                Connect(listener, port);
            }

            Dictionary<uint, ulong> before = ProgramTimes.Read();
            for (int i = 0; i < connections; i++)
            {
                Connect(listener, port);
            }

            Dictionary<uint, ulong> after = ProgramTimes.Read();
            await Task.Delay(1000);
            tcplife.Kill();
            int lines = (await printed).Split('\n').Count(line => line.Contains($" {port.ToString(CultureInfo.InvariantCulture)} ", StringComparison.Ordinal));
            await stop.CancelAsync();
            double our = (double)ProgramTimes.Sum(before, after, states) / connections, their = (double)ProgramTimes.Sum(before, after, theirs) / connections;
            double whole = (double)ProgramTimes.Sum(before, after, ours) / connections;
            Console.WriteLine($"{"connections",12}{"events",10}{"tcplife",10}{"ours ns",10}{"tcplife ns",12}{"ratio",8}{"whole ns",10}");
            int seen = await events;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{connections + (connections / 10),12}{seen,10}{lines,10}{our,10:F0}{their,12:F0}{our / their,8:F2}{whole,10:F0}"));
            Bound.AtMost(0.6, our / their, "TCP monitor, time for a connection, of tcplife's");
            return Bound.ExitCode;
        }
        finally
        {
            if (!tcplife.HasExited)
            {
                tcplife.Kill();
            }
        }
    }

    private static void Connect(TcpListener listener, int port)
    {
        using var client = new TcpClient();
        client.Connect(IPAddress.Loopback, port);
        using Socket server = listener.AcceptSocket();
        client.Client.Send(new byte[Bytes]);
        for (int read = 0; read < Bytes;)
        {
            read += server.Receive(new byte[Bytes]);
        }
    }

    private static async Task<int> Count(TcpMonitor monitor, CancellationToken stop)
    {
        int count = 0;
        try
        {
            await foreach (TcpConnection one in monitor.ReadAllAsync(stop))
            {
                count += one.ProcessId == Environment.ProcessId ? 1 : 0;
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the measurement.
        }

        return count;
    }

    private static async Task<uint[]> WaitForPrograms(uint[] known)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            await Task.Delay(200);
            uint[] added = [.. ProgramTimes.Named("inet_sock_set_s").Except(known)];
            if (added.Length > 0)
            {
                return added;
            }
        }

        throw new InvalidOperationException("tcplife did not load its program; is the package libbpf-tools installed?");
    }
}
