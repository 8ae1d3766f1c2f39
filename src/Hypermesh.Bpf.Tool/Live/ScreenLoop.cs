using System.Diagnostics;
using System.Text;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Screens;
using Spectre.Console;

namespace Hypermesh.Bpf.Tool.Live;

/// <summary>What a screen shows, once a period: monitors that run, or a recording.</summary>
internal interface IScreenSource
{
    /// <summary>The time until the next reading.</summary>
    TimeSpan Period { get; }

    /// <summary>True when a reading would show more than the last one, before its time.</summary>
    bool IsDue { get; }

    /// <summary>Makes the next reading, unless the state is paused. Returns what the user's choice became, for a source that acts on it.</summary>
    ScreenState Advance(ScreenState state);

    /// <summary>What the screen needs now; called after each key and each reading.</summary>
    ScreenData Data(ScreenState state);
}

/// <summary>Draws frames on the terminal and reads keys until the user or a signal ends it.</summary>
internal static class ScreenLoop
{
    private const string Clear = "\e[2J\e[H";

    private static readonly (int Width, int Height) s_unknown = (80, 24);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(25);

    /// <summary>True when there is a terminal that understands escapes, to draw on and to read keys from.</summary>
    internal static bool IsPossible => !Console.IsInputRedirected && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>The size of a frame that is printed: the terminal's, or that of COLUMNS and LINES, or 80x24.</summary>
    internal static (int Width, int Height) PrintedSize()
    {
        (int width, int height) = Console.IsOutputRedirected ? s_unknown : Size();
        return (Variable("COLUMNS", width), Variable("LINES", height));
    }

    /// <summary>Runs until the end. Returns the exit code.</summary>
    /// <param name="source">What is shown.</param>
    /// <param name="seconds">After how many seconds it ends by itself; null for never.</param>
    /// <param name="stop">Cancelled by SIGINT and SIGTERM.</param>
    internal static int Run(IScreenSource source, int? seconds, CancellationToken stop)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), bufferSize: 1 << 16) { AutoFlush = false };
        using var screen = new AlternateScreen(output);
        var buffer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(buffer), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, ColorSystem = Colours() });
        try
        {
            Run(console, buffer, screen, source, seconds, stop);
        }
        catch (IOException) when (screen.IsEnded)
        {
            // SIGHUP: the terminal is gone.
        }

        return screen.IsEnded ? ExitCode.Interrupted : ExitCode.Success;
    }

    private static void Run(IAnsiConsole console, StringWriter buffer, AlternateScreen screen, IScreenSource source, int? seconds, CancellationToken stop)
    {
        var state = new ScreenState();
        console.Live(new Text("")).AutoClear(false).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom).Start(live =>
        {
            long began = Stopwatch.GetTimestamp();
            long next = began;
            while (!state.IsEnded && !screen.IsEnded && !(seconds is { } most && Stopwatch.GetElapsedTime(began).TotalSeconds >= most))
            {
                stop.ThrowIfCancellationRequested();
                bool isNew = screen.TakeStale();
                bool clears = isNew;

                // A terminal that is gone always has something to read.
                while (!screen.IsEnded && !stop.IsCancellationRequested && Console.KeyAvailable)
                {
                    state = Scrolled(state.Press(Console.ReadKey(intercept: true)), source);
                    isNew = true;
                }

                long now = Stopwatch.GetTimestamp();
                if (now >= next || state.Step != 0 || (source.IsDue && !state.IsPaused))
                {
                    state = source.Advance(state);
                    next = Stopwatch.GetTimestamp() + (long)(source.Period.TotalSeconds * Stopwatch.Frequency);
                    isNew = true;
                }

                if (isNew && !state.IsEnded)
                {
                    (int width, int height) = Size();
                    Frame frame = Screen.Render(source.Data(state), state, width, height);
                    state = state with { Scroll = frame.Scroll };
                    live.UpdateTarget(new FrameView(frame));
                    screen.Draw((clears ? Clear : "") + buffer);
                    buffer.GetStringBuilder().Clear();
                }

                stop.WaitHandle.WaitOne(s_poll);
            }
        });
    }

    // Several keys may come between two frames: a key beyond the last row has no effect on those after it.
    private static ScreenState Scrolled(ScreenState state, IScreenSource source)
    {
        (int width, int height) = Size();
        return state.IsEnded ? state : state with { Scroll = Screen.Render(source.Data(state), state, width, height).Scroll };
    }

    private static (int Width, int Height) Size()
    {
        try
        {
            // A serial line and the terminals of some programs have no size.
            (int width, int height) = (Console.WindowWidth, Console.WindowHeight);
            return width > 0 && height > 0 ? (width, height) : s_unknown;
        }
        catch (IOException)
        {
            return s_unknown;
        }
    }

    private static int Variable(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out int value) && value is > 0 and < 10_000 ? value : otherwise;

    private static ColorSystemSupport Colours() => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors;

    /// <summary>What Spectre.Console writes to: a frame is collected and then written at once. The size is that of the terminal at each frame.</summary>
    private sealed class TerminalOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => Size().Width;

        public int Height => Size().Height;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
