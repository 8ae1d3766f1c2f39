using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>What a screen shows.</summary>
internal enum ScreenKind
{
    /// <summary>All monitors, a line each.</summary>
    Machine,

    /// <summary>One monitor.</summary>
    Monitor,

    /// <summary>All BPF programs of the machine with their cost.</summary>
    Programs,

    /// <summary>The cost of the monitors.</summary>
    Cost,

    /// <summary>The hooks of all monitors.</summary>
    Hooks,

    /// <summary>The keys.</summary>
    Help,
}

/// <summary>What the user has chosen. A key makes a new state of it.</summary>
internal sealed record ScreenState
{
    /// <summary>More readings than a recording has.</summary>
    private const long FarAway = int.MaxValue;

    /// <summary>The screen.</summary>
    internal ScreenKind Kind { get; init; }

    /// <summary>The monitor of <see cref="ScreenKind.Monitor"/>.</summary>
    internal string Monitor { get; init; } = MonitorNames.All[0];

    /// <summary>Tables show only rows that contain this text.</summary>
    internal string Filter { get; init; } = "";

    /// <summary>True while the filter is typed.</summary>
    internal bool IsEditing { get; init; }

    /// <summary>How often the column by which tables are sorted was changed.</summary>
    internal int Sort { get; init; }

    /// <summary>The number of rows that the table is scrolled by.</summary>
    internal int Scroll { get; init; }

    /// <summary>True when the figures stand still.</summary>
    internal bool IsPaused { get; init; }

    /// <summary>True when the program ends.</summary>
    internal bool IsEnded { get; init; }

    /// <summary>How many readings a recording is moved by; the player sets it back to 0.</summary>
    internal long Step { get; init; }

    /// <summary>True when the screen needs the run statistics of programs.</summary>
    internal bool NeedsStatistics => Kind is ScreenKind.Programs or ScreenKind.Cost;

    /// <summary>The state after a key.</summary>
    internal ScreenState Press(ConsoleKeyInfo key) => IsEditing ? Type(key) : key switch
    {
        { KeyChar: >= '1' and <= '8' } => Show(ScreenKind.Monitor) with { Monitor = MonitorNames.All[key.KeyChar - '1'] },
        { KeyChar: '0' or 'm' } or { Key: ConsoleKey.Escape } => Show(ScreenKind.Machine),
        { KeyChar: 'b' } => Toggle(ScreenKind.Programs),
        { KeyChar: 'c' } => Toggle(ScreenKind.Cost),
        { KeyChar: 'h' } => Toggle(ScreenKind.Hooks),
        { KeyChar: '?' } => Toggle(ScreenKind.Help),
        { KeyChar: '/' } => this with { IsEditing = true, Filter = "", Scroll = 0 },
        { KeyChar: 's' } => this with { Sort = Sort + 1, Scroll = 0 },
        { KeyChar: 'p' or ' ' } => this with { IsPaused = !IsPaused },
        { KeyChar: 'q' } => this with { IsEnded = true },
        { Key: ConsoleKey.DownArrow } => this with { Scroll = Scroll + 1 },
        { Key: ConsoleKey.UpArrow } => this with { Scroll = Math.Max(0, Scroll - 1) },
        { Key: ConsoleKey.PageDown } => this with { Scroll = Scroll + 10 },
        { Key: ConsoleKey.PageUp } => this with { Scroll = Math.Max(0, Scroll - 10) },
        { Key: ConsoleKey.LeftArrow } => this with { Step = Step - 1 },
        { Key: ConsoleKey.RightArrow } => this with { Step = Step + 1 },
        { Key: ConsoleKey.Home } => this with { Step = -FarAway },
        { Key: ConsoleKey.End } => this with { Step = FarAway },
        _ => this,
    };

    // The same key again leads back to the machine.
    private ScreenState Toggle(ScreenKind kind) => Show(Kind == kind ? ScreenKind.Machine : kind);

    private ScreenState Show(ScreenKind kind) => this with { Kind = kind, Sort = 0, Scroll = 0 };

    private ScreenState Type(ConsoleKeyInfo key) => key.Key switch
    {
        ConsoleKey.Enter => this with { IsEditing = false },
        ConsoleKey.Escape => this with { IsEditing = false, Filter = "" },
        ConsoleKey.Backspace => this with { Filter = Filter.Length == 0 ? "" : Filter[..^1] },
        _ => char.IsControl(key.KeyChar) || key.KeyChar == 0 ? this : this with { Filter = Filter + key.KeyChar },
    };
}

/// <summary>The monitors, in the order of their keys, and their short names.</summary>
internal static class MonitorNames
{
    private static readonly string[] s_short = ["CPU", "NET", "TCP", "DISK", "MEM", "PROC", "FILE", "GPU"];

    /// <summary>The names.</summary>
    internal static string[] All { get; } = [.. MonitorSet.KnownNames];

    /// <summary>The short name of a monitor.</summary>
    internal static string Short(string name) => Array.IndexOf(All, name) is >= 0 and int index ? s_short[index] : name.ToUpperInvariant();
}
