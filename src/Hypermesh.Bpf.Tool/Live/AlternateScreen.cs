using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Tool.Live;

/// <summary>
/// The terminal's second screen while this exists. It is left in every way in which a program ends or stops: at the end, at an unhandled exception, and at SIGINT, SIGQUIT, SIGTERM, SIGHUP and
/// SIGTSTP; at SIGCONT it is entered again.
/// </summary>
internal sealed partial class AlternateScreen : IDisposable
{
    private const int Stop = 19;

    private const string Enter = "\e[?1049h\e[?25l\e[2J\e[H";
    private const string Leave = "\e[?25h\e[?1049l";

    private readonly Lock _gate = new();
    private readonly TextWriter _output;
    private readonly PosixSignalRegistration[] _signals;
    private readonly UnhandledExceptionEventHandler _onFault;
    private bool _isEntered;
    private volatile bool _isEnded;
    private volatile bool _isStale;

    internal AlternateScreen(TextWriter output)
    {
        _output = output;
        _onFault = (_, _) => Restore();
        AppDomain.CurrentDomain.UnhandledException += _onFault;
        _signals = OperatingSystem.IsWindows() ? [] :
        [
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, End),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, End),
            PosixSignalRegistration.Create(PosixSignal.SIGTSTP, Pause),
            PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Show()),
            PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _isStale = true),
        ];
        Show();
    }

    /// <summary>True when a signal asked for the end: SIGHUP, SIGQUIT.</summary>
    internal bool IsEnded => _isEnded;

    /// <summary>True once after the screen was entered or resized, so that it has to be drawn again.</summary>
    internal bool TakeStale()
    {
        bool was = _isStale;
        _isStale = false;
        return was;
    }

    /// <summary>Writes to the screen, unless it was left: what follows belongs to the shell.</summary>
    internal void Draw(string text)
    {
        lock (_gate)
        {
            if (_isEntered)
            {
                _output.Write(text);
                _output.Flush();
            }
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.UnhandledException -= _onFault;
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        Restore();
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        _isEnded = true;
    }

    // The runtime would end the process's stop by itself only where nothing is registered.
    private void Pause(PosixSignalContext context)
    {
        context.Cancel = true;
        Restore();
        Kill(Environment.ProcessId, Stop);
    }

    private void Show()
    {
        lock (_gate)
        {
            _isEntered = true;
            _isStale = true;
            TryWrite(Enter);
        }
    }

    private void Restore()
    {
        lock (_gate)
        {
            if (_isEntered)
            {
                _isEntered = false;
                TryWrite(Leave);
            }
        }
    }

    private void TryWrite(string text)
    {
        try
        {
            _output.Write(text);
            _output.Flush();
        }
        catch (IOException)
        {
            // The terminal is gone.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
