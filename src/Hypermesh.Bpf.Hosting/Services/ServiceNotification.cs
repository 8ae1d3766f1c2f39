using System.Net.Sockets;
using System.Text;
using Hypermesh.Bpf.Monitoring;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Hosting.Services;

/// <summary>
/// Tells a service manager such as systemd (<c>Type=notify</c>) that the first reading is made, what the condition is, and that readings are still made (<c>WatchdogSec</c>). Does nothing where
/// <c>NOTIFY_SOCKET</c> is not set.
/// </summary>
internal sealed class ServiceNotification(MonitoringService monitoring, ILogger<ServiceNotification> logger) : IHostedService
{
    private readonly string? _path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
    private Socket? _socket;
    private string _status = "";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(_path))
        {
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            monitoring.Read += Tell;
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        monitoring.Read -= Tell;
        Send("STOPPING=1");
        _socket?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The lines of one notification: state, watchdog, and the status when it has changed.</summary>
    internal static string Message(bool isFirst, string? newStatus) => $"{(isFirst ? "READY=1\n" : "")}WATCHDOG=1{(newStatus is null ? "" : "\nSTATUS=" + newStatus)}";

    internal static string Status(IEnumerable<(string Name, MonitorCondition Condition, string? Reason)> conditions)
        => string.Join(", ", conditions.Select(static one => $"{one.Name} {one.Condition.Name()}"));

    private void Tell(MonitorSet monitors)
    {
        string status = Status(monitors.Conditions());
        Send(Message(_status.Length == 0, status == _status ? null : status));
        _status = status;
    }

    private void Send(string text)
    {
        try
        {
            // A name that begins with @ is abstract: its first byte is NUL.
            _socket?.SendTo(Encoding.UTF8.GetBytes(text), new UnixDomainSocketEndPoint(_path![0] == '@' ? '\0' + _path[1..] : _path));
        }
        catch (SocketException exception)
        {
            logger.NotificationFailed(_path!, exception.Message);
        }
        catch (ObjectDisposedException)
        {
            // A reading was still being made when the application stopped.
        }
    }
}
