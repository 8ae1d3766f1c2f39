using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>A logger that does something when an event of one name is logged.</summary>
internal sealed class EventLogger(string name, Action logged) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name == name)
        {
            logged();
        }
    }
}
