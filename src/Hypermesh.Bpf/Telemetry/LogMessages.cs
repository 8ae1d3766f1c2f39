using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Telemetry;

/// <summary>All events that this library logs. Event IDs are never reused.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "Map {Map} created: {Type}, key {KeySize}, value {ValueSize}, {MaxEntries} entries")]
    internal static partial void MapCreated(this ILogger logger, string map, BpfMapType type, int keySize, int valueSize, uint maxEntries);

    [LoggerMessage(EventId = 2, Level = LogLevel.Debug, Message = "Program {Program} loaded: {Type}, {Instructions} instructions")]
    internal static partial void ProgramLoaded(this ILogger logger, string program, BpfProgramType type, int instructions);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Program {Program} is optional and was rejected")]
    internal static partial void ProgramRefused(this ILogger logger, string program, Exception reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "Object {Object} loaded: {Programs} programs, {Maps} maps")]
    internal static partial void ObjectLoaded(this ILogger logger, string @object, int programs, int maps);

    [LoggerMessage(EventId = 5, Level = LogLevel.Error, Message = "Object {Object} could not be loaded")]
    internal static partial void ObjectFailed(this ILogger logger, string @object, Exception reason);

    [LoggerMessage(EventId = 6, Level = LogLevel.Information, Message = "Program {Program} attached to {Target}")]
    internal static partial void Attached(this ILogger logger, string program, string target);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error, Message = "Program {Program} could not be attached to {Target}")]
    internal static partial void AttachFailed(this ILogger logger, string program, string target, Exception reason);

    [LoggerMessage(EventId = 8, Level = LogLevel.Information, Message = "Program {Program} detached from {Target}")]
    internal static partial void Detached(this ILogger logger, string program, string target);

    [LoggerMessage(EventId = 33, Level = LogLevel.Information, Message = "Object {Object} reloaded: {Programs} programs, {Kept} of {Maps} maps kept")]
    internal static partial void Reloaded(this ILogger logger, string @object, int programs, int kept, int maps);

    [LoggerMessage(EventId = 34, Level = LogLevel.Error, Message = "Object {Object} could not be reloaded; the running version continues")]
    internal static partial void ReloadFailed(this ILogger logger, string @object, Exception reason);

    [LoggerMessage(EventId = 9, Level = LogLevel.Information, Message = "Object {Object} unloaded")]
    internal static partial void ObjectUnloaded(this ILogger logger, string @object);

    [LoggerMessage(EventId = 10, Level = LogLevel.Debug, Message = "Program {Program} is not attached automatically: SEC(\"{Section}\") does not name a target")]
    internal static partial void NotAutoAttached(this ILogger logger, string program, string section);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "The kernel rejected the types of object {Object}; its programs are loaded without types")]
    internal static partial void TypesRefused(this ILogger logger, string @object, Exception reason);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "{Tag} of {Subject} in object {Object} is not exported: {Problem}")]
    internal static partial void MetricLeftOut(this ILogger logger, string tag, string subject, string @object, string problem);

    [LoggerMessage(EventId = 13, Level = LogLevel.Warning, Message = "Metric {Metric} of object {Object} could not be read and has no measurements until it can be")]
    internal static partial void MetricUnreadable(this ILogger logger, string metric, string @object, Exception reason);

    [LoggerMessage(EventId = 40, Level = LogLevel.Warning, Message = "The kernel returned {Error} for map {Map} with its types; it is created without types")]
    internal static partial void MapTypesRefused(this ILogger logger, string map, string error);

    [LoggerMessage(EventId = 41, Level = LogLevel.Debug, Message = "Map {Map} was opened from its pin {Path}")]
    internal static partial void MapReused(this ILogger logger, string map, string path);

    [LoggerMessage(EventId = 42, Level = LogLevel.Debug, Message = "Map {Map} pinned at {Path}")]
    internal static partial void MapPinned(this ILogger logger, string map, string path);

    [LoggerMessage(EventId = 43, Level = LogLevel.Warning, Message = "Element {Index} of map {Map} stays empty: program {Program} is not loaded")]
    internal static partial void ProgramSlotEmpty(this ILogger logger, string map, int index, string program);

    [LoggerMessage(EventId = 60, Level = LogLevel.Warning, Message = "Probe {Event} could not be removed ({Error}); the removal is retried later. To remove it by hand: echo '-:{Event}' >> {File}")]
    internal static partial void ProbeNotRemoved(this ILogger logger, string @event, string error, string file);

    [LoggerMessage(EventId = 61, Level = LogLevel.Information, Message = "Probe {Event} was removed")]
    internal static partial void ProbeRemovedLater(this ILogger logger, string @event);

    [LoggerMessage(EventId = 20, Level = LogLevel.Debug, Message = "{Extern} of {Object} is weak and was not found {Where}: it is 0")]
    internal static partial void ExternMissing(this ILogger logger, string @extern, string @object, string where, Exception? refused);

    [LoggerMessage(EventId = 21, Level = LogLevel.Information, Message = "Program {Program} replaced {Old} on {Target}")]
    internal static partial void Updated(this ILogger logger, string program, string old, string target);
}
