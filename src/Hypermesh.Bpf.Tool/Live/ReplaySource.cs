using System.Globalization;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Recordings;
using Hypermesh.Bpf.Tool.Screens;

namespace Hypermesh.Bpf.Tool.Live;

/// <summary>A recording, played.</summary>
internal sealed class ReplaySource(RecordingReader recording, double speed, bool isAscii) : IScreenSource
{
    private const int StepWhilePlaying = 10;

    private readonly History _history = new();

    // What was lost before each reading that was read once.
    private readonly List<ulong> _lostBefore = [];
    private int _position = -1;

    public TimeSpan Period => TimeSpan.FromSeconds(1 / speed);

    public bool IsDue => false;

    public ScreenState Advance(ScreenState state)
    {
        long step = state.Step != 0 ? state.Step * (state.IsPaused ? 1 : StepWhilePlaying) : state.IsPaused ? 0 : 1;
        MoveTo((int)Math.Clamp(_position + step, 0, recording.Count - 1));
        return state with { Step = 0, IsPaused = state.IsPaused || _position == recording.Count - 1 };
    }

    public ScreenData Data(ScreenState state)
        => new(_history)
        {
            Processes = _history.Latest?.Processes,
            Replay = string.Create(CultureInfo.InvariantCulture, $"{_position + 1}/{recording.Count} {_history.Latest?.Time:HH:mm:ss}"),
            IsAscii = isAscii,
        };

    /// <summary>Moves to a reading; those before it are what its screens show over time.</summary>
    internal void MoveTo(int index)
    {
        if (index < _position)
        {
            int first = Math.Max(0, index + 1 - History.Length);
            _history.Clear(_lostBefore[first]);
            _position = first - 1;
        }

        while (_position < index)
        {
            Snapshot snapshot = recording.Read(_position + 1);
            if (_lostBefore.Count == _position + 1)
            {
                _lostBefore.Add(_history.Lost);
            }

            _history.Add(snapshot);
            _position++;
        }
    }
}
