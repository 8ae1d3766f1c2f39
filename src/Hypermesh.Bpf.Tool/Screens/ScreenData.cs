using Hypermesh.Bpf.Tool.Monitors;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>What a frame shows. It is only read.</summary>
internal sealed record ScreenData(History History)
{
    /// <summary>The programs of the machine; null when they are not sampled.</summary>
    internal ProgramsSnapshot? Programs { get; init; }

    /// <summary>The cost of the monitors; null when it is not sampled.</summary>
    internal CostSnapshot? Cost { get; init; }

    /// <summary>The busiest processes; null when they are not sampled.</summary>
    internal ProcessesSnapshot? Processes { get; init; }

    /// <summary>The position in a recording; null when monitors run.</summary>
    internal string? Replay { get; init; }

    /// <summary>The monitors that were asked for; null for all.</summary>
    internal IReadOnlyList<string>? Chosen { get; init; }

    /// <summary>True while some monitors have not started yet.</summary>
    internal bool IsStarting { get; init; }

    /// <summary>Whether letters replace block characters.</summary>
    internal bool IsAscii { get; init; }

    /// <summary>The newest reading; null before the first.</summary>
    internal Snapshot? Latest => History.Latest;
}
