using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Recordings;

namespace Hypermesh.Bpf.Tests.Tool.Recordings;

/// <summary>Readings in files, right and wrong.</summary>
public sealed class RecordingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-record-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_recorded_is_what_is_replayed()
    {
        Hmbpf.NeedsRoot();
        string path = Path.Combine(_folder, "r.jsonl");
        using var busy = new Started("sh", ["-c", "while :; do :; done"]);
        Hmbpf.Outcome recorded = Hmbpf.Run("record", path, "--seconds", "3", "cpu", "--json");
        Assert.Equal((0, ""), (recorded.ExitCode, recorded.Error));
        Assert.Equal(3, recorded.Json.GetProperty("readings").GetInt64());
        Assert.Equal(new FileInfo(path).Length, recorded.Json.GetProperty("bytes").GetInt64());

        string[] lines = File.ReadAllLines(path);
        Assert.Equal(3, lines.Length);
        Hmbpf.Outcome replayed = Hmbpf.Run("replay", path, "--json");
        Assert.Equal((0, ""), (replayed.ExitCode, replayed.Error));
        Assert.Equal(lines, replayed.Lines);

        // The figures on the screen are those in the file.
        Snapshot last = SnapshotReader.Read(Encoding.UTF8.GetBytes(lines[^1]));
        JsonElement cpu = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("monitors")[0];
        double switches = cpu.GetProperty("figures").GetProperty("hypermesh.cpu.context_switches").GetProperty("points").EnumerateArray().Sum(static point => point.GetProperty("value").GetDouble());
        Assert.Equal(switches, last.Find("cpu")!.Figures["hypermesh.cpu.context_switches"].Sum());
        JsonElement latency = cpu.GetProperty("figures").GetProperty("hypermesh.cpu.runqueue.latency").GetProperty("points")[0];
        Assert.Equal(latency.GetProperty("count").GetUInt64(), last.Find("cpu")!.Figures["hypermesh.cpu.runqueue.latency"].Merge()!.Count);
        Assert.Equal(latency.GetProperty("p99").GetDouble(), last.Find("cpu")!.Figures["hypermesh.cpu.runqueue.latency"].Merge()!.Percentile(0.99), 1e-12);
        Hmbpf.Outcome frame = Hmbpf.Run("replay", path);
        Assert.Contains("3/3", frame.Lines[0], StringComparison.Ordinal);

        // The processes too: one that runs all the time is among them in each reading, and the busiest is on the screen.
        Assert.All(lines, line =>
        {
            ProcessUse process = SnapshotReader.Read(Encoding.UTF8.GetBytes(line)).Processes!.Processes.Single(one => one.Id == busy.Process.Id);
            Assert.Equal("sh", process.Name);
            Assert.InRange(process.CpuShare, 0.02, 1.1);
            Assert.InRange(process.ResidentBytes, 1UL, (ulong)busy.Process.PeakWorkingSet64);
        });
        JsonElement busiest = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("processes")[0];
        Assert.Contains($"process {busiest.GetProperty("name").GetString()}[{busiest.GetProperty("pid").GetInt32()}] ", frame.Output, StringComparison.Ordinal);

        Hmbpf.Outcome again = Hmbpf.Run("record", path, "--seconds", "1", "cpu");
        Assert.Equal((1, $"hmbpf: {path} exists. Use --force to replace it.\n"), (again.ExitCode, again.Error));
    }

    [Fact]
    public void A_full_disk_is_an_error_that_loses_no_earlier_reading()
    {
        Hmbpf.NeedsRoot();
        string script = $"mount -t tmpfs -o size=16k none {_folder} && \"$@\" record {_folder}/full.jsonl cpu 2>&1; echo \"code $?\"; cat {_folder}/full.jsonl";
        using Process process = Process.Start(new ProcessStartInfo("unshare", ["-m", "/bin/sh", "-c", script, "sh", "dotnet", Path.Combine(AppContext.BaseDirectory, "hmbpf.dll")]) { RedirectStandardOutput = true })!;
        string all = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        string[] output = all.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int code = Array.IndexOf(output, "code 1");
        Assert.True(code >= 0, all);
        string[] readings = output[(code + 1)..];
        Assert.NotEmpty(readings);
        Assert.All(readings, static line => SnapshotReader.Read(Encoding.UTF8.GetBytes(line)));
        string error = string.Join('\n', output[..code]);
        Assert.Contains("full.jsonl cannot be written: ", error, StringComparison.Ordinal);
        Assert.Contains($"It has {readings.Length} readings; nothing of them is lost.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_an_end_is_left_out()
    {
        string path = Write(string.Join('\n', SampleReadings.Lines().Take(3)));
        Hmbpf.Outcome outcome = Hmbpf.Run("replay", path, "--json");
        Assert.Equal((0, 2), (outcome.ExitCode, outcome.Lines.Length));
        Assert.Contains("the last line has no end", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "has no readings: it is empty, or was ended in its first line.")]
    [InlineData("{}\n", "line 1 cannot be shown: it is not a reading of hmbpf.")]
    [InlineData("not JSON\n", "line 1 cannot be shown: it is not a reading of hmbpf: ")]
    [InlineData("[1]\n", "line 1 cannot be shown: it is not a reading of hmbpf.")]
    [InlineData("{\"schema\":\"hypermesh.monitors/9\"}\n", "line 1 cannot be shown: it has the schema hypermesh.monitors/9, and this version reads hypermesh.monitors/1.")]
    [InlineData("{\"schema\":\"hypermesh.monitors/1\",\"time\":5}\n", "line 1 cannot be shown: it is not a reading of hmbpf: ")]
    public void A_file_that_is_no_recording_is_refused_with_the_reason(string contents, string reason)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("replay", Write(contents));
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_pipe_and_a_directory_are_refused()
    {
        Assert.Contains("is a directory, not a recording", Hmbpf.Run("replay", _folder).Error, StringComparison.Ordinal);
        Assert.Contains("none cannot be read: ", Hmbpf.Run("replay", Path.Combine(_folder, "none")).Error, StringComparison.Ordinal);
        Assert.Contains("cannot be created", Hmbpf.Run("record", Path.Combine(_folder, "no/such"), "--seconds", "1").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reading_without_processes_is_shown_without_them()
    {
        string path = Write(string.Join('\n', SampleReadings.Lines()) + "\n");
        using var recording = new RecordingReader(path);
        var source = new Hypermesh.Bpf.Tool.Live.ReplaySource(recording, 1, isAscii: false);
        source.MoveTo(0);
        Assert.Null(source.Data(new Hypermesh.Bpf.Tool.Screens.ScreenState()).Processes);
    }

    /// <summary>A recording of a later version may have figures that this one does not know.</summary>
    [Fact]
    public void An_unknown_figure_is_kept()
    {
        string line = SampleReadings.Lines().First().Replace("\"figures\":{\"hypermesh.cpu.context_switches\"", "\"figures\":{\"hypermesh.cpu.new_figure\":{\"kind\":\"gauge\",\"unit\":\"By\",\"points\":[{\"new.attribute\":\"a\",\"value\":7}]},\"hypermesh.cpu.context_switches\"", StringComparison.Ordinal);
        Snapshot snapshot = SnapshotReader.Read(Encoding.UTF8.GetBytes(line));
        Assert.Equal(7, snapshot.Find("cpu")!.Figures["hypermesh.cpu.new_figure"].Sum("a"));
    }

    [Fact]
    public void Losses_are_the_same_however_a_reading_was_reached()
    {
        string path = Write(string.Join('\n', SampleReadings.Lines(isTroubled: true)) + "\n");
        using var recording = new RecordingReader(path);
        var source = new Hypermesh.Bpf.Tool.Live.ReplaySource(recording, 1, isAscii: false);
        var state = new Hypermesh.Bpf.Tool.Screens.ScreenState();
        source.MoveTo(59);
        Assert.Equal(720UL, source.Data(state).History.Lost);
        source.MoveTo(9);
        Assert.Equal(120UL, source.Data(state).History.Lost);
        Assert.Equal("10/60 12:00:09", source.Data(state).Replay);
    }

    private string Write(string contents)
    {
        string path = Path.Combine(_folder, "readings.jsonl");
        File.WriteAllText(path, contents);
        return path;
    }
}
