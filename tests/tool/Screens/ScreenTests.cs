using System.Text;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Screens;

namespace Hypermesh.Bpf.Tests.Tool.Screens;

/// <summary>Frames of recorded readings, as text that a person has accepted.</summary>
public sealed class ScreenTests
{
    [Theory]
    [InlineData(80, 24)]
    [InlineData(60, 15)]
    [InlineData(132, 43)]
    public void The_machine_is_shown_at_each_size(int width, int height)
        => GoldenFile.Check($"top.machine.{width}x{height}", Text(Data(), new ScreenState(), width, height));

    [Theory]
    [InlineData(80, 24)]
    [InlineData(60, 15)]
    [InlineData(132, 43)]
    public void Each_monitor_has_a_screen(int width, int height)
    {
        var all = new StringBuilder();
        foreach (char key in "12345678")
        {
            all.Append(Text(Data(), new ScreenState().Press(Key(key)), width, height)).Append('\n');
        }

        GoldenFile.Check($"top.monitors.{width}x{height}", all.ToString());
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(132, 43)]
    public void Programs_cost_hooks_and_keys_have_screens(int width, int height)
    {
        var all = new StringBuilder();
        foreach (char key in "bch?")
        {
            all.Append(Text(Data(), new ScreenState().Press(Key(key)), width, height)).Append('\n');
        }

        GoldenFile.Check($"top.screens.{width}x{height}", all.ToString());
    }

    /// <summary>Loss, error and blind hooks are in the first line of every screen, red when they are not zero, also where the terminal is too small for anything else.</summary>
    [Theory]
    [InlineData(80, 24)]
    [InlineData(60, 15)]
    [InlineData(132, 43)]
    [InlineData(40, 5)]
    public void Loss_error_and_blind_hooks_are_always_in_the_first_line(int width, int height)
    {
        foreach (char key in "012345678bch?p")
        {
            Line troubled = Screen.Render(Data(isTroubled: true), new ScreenState().Press(Key(key)), width, height).Lines[0];
            Assert.Equal(["loss 720", "error -2.44%", "blind 1"], troubled.Spans.Where(static span => span.Colour == Colour.Red).Select(static span => span.Text));

            Line well = Screen.Render(Data(), new ScreenState().Press(Key(key)), width, height).Lines[0];
            Assert.Contains("loss 0  error 0.00%  blind 0", string.Concat(well.Spans.Select(static span => span.Text)), StringComparison.Ordinal);
            Assert.DoesNotContain(well.Spans, static span => span.Colour == Colour.Red);
        }
    }

    /// <summary>A frame is as large as the terminal, whatever the size, so that every row is written again and none wraps.</summary>
    [Fact]
    public void A_frame_fills_the_terminal_at_any_size()
    {
        ScreenData data = Data(isTroubled: true);
        for (int width = 1; width < 200; width += 7)
        {
            for (int height = 1; height < 60; height += 5)
            {
                foreach (char key in "0123456bch?/")
                {
                    Frame frame = Screen.Render(data, new ScreenState().Press(Key(key)), width, height);
                    Assert.Equal(height, frame.Lines.Count);
                    Assert.All(frame.Lines, line => Assert.Equal(width, line.Width));
                }
            }
        }
    }

    /// <summary>Keys beyond an end have no effect, so that the first key back has one; the terminal may grow and the table may shrink meanwhile.</summary>
    [Theory]
    [InlineData('1', 80, 24, "29 ")]
    [InlineData('1', 60, 15, "29 ")]
    [InlineData('b', 80, 24, "*program_9")]
    [InlineData('b', 60, 15, "*program_9")]
    [InlineData('h', 80, 24, "gpu_29")]
    [InlineData('h', 60, 15, "gpu_29")]
    public void Scrolling_ends_where_the_rows_do(char screen, int width, int height, string lastRow)
    {
        ScreenData data = Long(30);
        ScreenState state = new ScreenState().Press(Key(screen));
        for (int i = 0; i < 100; i++)
        {
            state = Press(data, state, i % 2 == 0 ? ConsoleKey.DownArrow : ConsoleKey.PageDown, width, height, out _);
        }

        ScreenState end = Press(data, state, ConsoleKey.DownArrow, width, height, out string last);
        Assert.InRange(end.Scroll, 1, 8 * 30);
        Assert.Equal(end, state);
        Assert.Contains($"\n{lastRow}", last, StringComparison.Ordinal);

        ScreenState back = Press(data, end, ConsoleKey.UpArrow, width, height, out string before);
        Assert.Equal(end.Scroll - 1, back.Scroll);
        Assert.NotEqual(last, before);

        // The same choice on a higher terminal, with fewer rows, and where nothing can be shown.
        Assert.Equal(0, Screen.Render(data, end, width, 400).Scroll);
        Assert.Equal(0, Screen.Render(Long(1), end, width, 40).Scroll);
        Assert.Equal(0, Screen.Render(data, end, 40, 8).Scroll);
    }

    [Fact]
    public void Letters_replace_the_blocks()
    {
        foreach (char key in "012345678bch?")
        {
            string text = Text(Data() with { IsAscii = true }, new ScreenState().Press(Key(key)), 80, 24);
            Assert.Equal(text, new string([.. text.Where(char.IsAscii)]));
        }
    }

    [Fact]
    public void A_filter_is_typed_in_the_last_line_and_selects_rows()
    {
        ScreenState state = new ScreenState().Press(Key('1')).Press(Key('/')).Press(Key('s')).Press(Key('s')).Press(Key('h')).Press(Key('d'));
        string text = Text(Data(), state, 80, 43);
        Assert.Contains("filter: sshd_", text, StringComparison.Ordinal);
        Assert.Contains("/system.slice/sshd.service", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/app.slice", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Absent_monitors_are_shown_with_the_reason()
    {
        string text = Text(Data(), new ScreenState(), 132, 43);
        Assert.Contains("GPU  x refused: the gpu monitor cannot run here without hook drm_run_job", text, StringComparison.Ordinal);

        var history = new History();
        history.Add(Taken(0) with { Monitors = [.. Taken(0).Monitors.Take(1)] });
        text = Text(new ScreenData(history) { Chosen = ["cpu"] }, new ScreenState(), 132, 43);
        Assert.Contains("DISK x not chosen: hmbpf top cpu", text, StringComparison.Ordinal);
        Assert.Contains("FILE x not in the recording", Text(new ScreenData(history) { Replay = "1/1" }, new ScreenState(), 132, 43), StringComparison.Ordinal);
    }

    /// <summary>A cgroup may have any name.</summary>
    [Fact]
    public void Names_cannot_break_the_screen()
    {
        string hostile = Encoding.UTF8.GetString(SampleReadings.Utf8(0)).Replace("/app.slice", "/\\u001b[2J漢字漢字漢字漢字漢字漢字漢字\\u202e", StringComparison.Ordinal);
        var history = new History();
        history.Add(SnapshotReader.Read(Encoding.UTF8.GetBytes(hostile)));
        foreach (char key in "015")
        {
            Frame frame = Screen.Render(new ScreenData(history), new ScreenState().Press(Key(key)), 80, 24);
            Assert.All(frame.Lines, static line => Assert.Equal(80, line.Width));
            Escapes.AreNone(frame.ToText());
        }
    }

    // As the loop does it: what was drawn says how far the table is scrolled.
    private static ScreenState Press(ScreenData data, ScreenState state, ConsoleKey key, int width, int height, out string drawn)
    {
        state = state.Press(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control: false));
        Frame frame = Screen.Render(data, state, width, height);
        drawn = frame.ToText();
        return state with { Scroll = frame.Scroll };
    }

    /// <summary>A reading with tables of a number of rows.</summary>
    private static ScreenData Long(int rows)
    {
        JsonNode reading = JsonNode.Parse(SampleReadings.Utf8(0))!;
        foreach (JsonNode? monitor in reading["monitors"]!.AsArray())
        {
            monitor!["hooks"] = new JsonArray([.. Enumerable.Range(0, rows).Select(i => (JsonNode)new JsonObject
            {
                ["name"] = $"{monitor["name"]}_{i}", ["state"] = "fired", ["source"] = "tp_btf", ["reason"] = null, ["fired"] = i, ["expected"] = null,
            })]);
        }

        reading["monitors"]![0]!["figures"]!["hypermesh.cpu.context_switches"]!["points"] = new JsonArray(
            [.. Enumerable.Range(0, rows).Select(static i => (JsonNode)new JsonObject { ["cpu.logical_number"] = $"{i}", ["value"] = 1000 - i })]);
        var history = new History();
        history.Add(SnapshotReader.Read(Encoding.UTF8.GetBytes(reading.ToJsonString())));
        return new ScreenData(history)
        {
            Programs = new ProgramsSnapshot([.. Enumerable.Range(0, rows).Select(static i => new ProgramCost((uint)i, $"program_{i}", "Tracing", "cpu", true, 1, 1, 0, 1))], 1, 1, null),
        };
    }

    internal static ConsoleKeyInfo Key(char letter) => new(letter, ConsoleKey.None, shift: false, alt: false, control: false);

    private static ScreenData Data(bool isTroubled = false)
    {
        var history = new History();
        for (int i = 0; i < SampleReadings.Count; i++)
        {
            history.Add(Taken(i, isTroubled));
        }

        return new ScreenData(history)
        {
            Processes = new ProcessesSnapshot([new ProcessUse(4321, "stress-ng", 0.99, 25_000_000), new ProcessUse(77, "postgres", 0.121, 1_230_000_000)]),
            Programs = new ProgramsSnapshot(
                [
                    new ProgramCost(31, "sched_switch", "Tracing", "cpu", true, 41_200, 9_200_000, 0, 1_300_000),
                    new ProgramCost(12, "cil_from_netdev", "SchedCls", "cilium-agent[812]", false, 96_000, 61_000_000, 3, 66_000_000),
                    new ProgramCost(9, "sd_devices", "CGroupDevice", "", false, 0, 0, 0, null),
                ],
                1, 67_300_000, null),
            Cost = new CostSnapshot(
                [new MonitorCost("cpu", "switch", 41_200, 98_000, 14_300_000, 1_300_000, 40_960), new MonitorCost("disk", "I/O", 0, 0, 0, 300_000, 12_288), new MonitorCost("gpu", "job", null, 0, 0, 4096, 4096)],
                1, 31_000_000, 0.004, null),
        };
    }

    private static Snapshot Taken(int index, bool isTroubled = false) => SnapshotReader.Read(SampleReadings.Utf8(index, isTroubled));

    private static string Text(ScreenData data, ScreenState state, int width, int height) => Screen.Render(data, state, width, height).ToText();
}
