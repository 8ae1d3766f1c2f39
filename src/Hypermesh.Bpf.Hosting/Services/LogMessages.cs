using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Hosting.Services;

/// <summary>All events that this library logs. Event IDs are never reused.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Monitor {Monitor} does not run: {Reason}")]
    internal static partial void MonitorRefused(this ILogger logger, string monitor, string? reason);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Failure}")]
    internal static partial void ExportFailed(this ILogger logger, string? failure);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "Metrics are accepted by {Endpoint} again")]
    internal static partial void ExportWorks(this ILogger logger, Uri endpoint);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{Rejection}")]
    internal static partial void ValuesRejected(this ILogger logger, string? rejection);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "The service manager cannot be notified at {Socket}: {Reason}")]
    internal static partial void NotificationFailed(this ILogger logger, string socket, string reason);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "No capability was given up: {Reason}")]
    internal static partial void CapabilitiesKept(this ILogger logger, string reason);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "{Object} was not reloaded, the previous version continues: {Reason}")]
    internal static partial void NotReloaded(this ILogger logger, string @object, string reason);
}
