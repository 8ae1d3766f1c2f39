using Hypermesh.Bpf.Tool.Output;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>Warnings and errors of the server as lines on standard error.</summary>
internal sealed class TerminalLogging(Terminal terminal) : ILoggerProvider, ILogger
{
    private const string FailedStart = "HostedServiceStartupFaulted";

    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // What keeps the server from starting is the command's own error. A start that is cancelled is none.
        if (IsEnabled(logLevel) && exception is not OperationCanceledException && eventId.Name != FailedStart)
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
