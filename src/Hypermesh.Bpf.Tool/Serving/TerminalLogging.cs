using Hypermesh.Bpf.Tool.Output;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>Warnings and errors of the server as lines on standard error.</summary>
internal sealed class TerminalLogging(Terminal terminal) : ILoggerProvider, ILogger
{
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            lock (_gate)
            {
                terminal.Complain(exception is null ? formatter(state, exception) : $"{formatter(state, exception)} ({exception.Message})");
            }
        }
    }

    public void Dispose()
    {
    }
}
