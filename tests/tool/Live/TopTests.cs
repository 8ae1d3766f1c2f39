using System.Diagnostics;
using System.Globalization;

namespace Hypermesh.Bpf.Tests.Tool.Live;

/// <summary>The screens in a terminal of their own (tmux): keys, resizing, and that the terminal is as it was afterwards, however the command ends.</summary>
public sealed class TopTests : IDisposable
{
    private const string Prompt = "READY>";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-top-").FullName;
    private readonly string _recording;
    private bool _started;

    public TopTests()
    {
        _recording = Path.Combine(_folder, "sample.jsonl");
        File.WriteAllLines(_recording, SampleReadings.Lines());
    }

    public void Dispose()
    {
        if (_started)
        {
            Tmux("kill-server");
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Keys_show_screens_and_the_terminal_is_restored_at_the_end()
    {
        StartShell();
        Type($"{Command} replay --speed 100 {_recording}");
        Wait(static screen => screen.Contains("run-queue latency", StringComparison.Ordinal) && screen.Contains("60/60", StringComparison.Ordinal));
        Assert.Equal("1", Query("#{alternate_on}"));
        Assert.Equal("0", Query("#{cursor_flag}"));

        Keys("1");
        Wait(static screen => screen.Contains("/system.slice/sshd.service", StringComparison.Ordinal));
        Keys("/", "a", "p", "p", "Enter");
        Wait(static screen => screen.Contains("/app.slice", StringComparison.Ordinal) && !screen.Contains("sshd", StringComparison.Ordinal));
        Keys("h");
        Wait(static screen => screen.Contains("filter \"app\"", StringComparison.Ordinal));
        Keys("/", "Escape");
        Wait(static screen => screen.Contains("block_rq_issue", StringComparison.Ordinal));
        Keys("?");
        Wait(static screen => screen.Contains("the whole machine", StringComparison.Ordinal));
        Keys("Home", "?");
        Wait(static screen => screen.Contains("1/60", StringComparison.Ordinal));
        Keys("q");
        IsRestored(0);
    }

    [Fact]
    public void Every_row_is_right_after_the_terminal_was_resized()
    {
        StartShell();
        Type($"{Command} replay --speed 100 {_recording}");
        Wait(static screen => screen.Contains("60/60", StringComparison.Ordinal));
        foreach ((int width, int height) in new[] { (60, 16), (132, 43), (40, 8), (80, 24) })
        {
            Tmux("resize-window", "-t", "t", "-x", $"{width}", "-y", $"{height}");
            string footer = width < 60 ? "is too small" : "? help";
            string[] rows = Wait(screen => Rows(screen) is { Length: > 0 } lines && lines.Length > (width < 60 ? 1 : height - 1) && lines[0].Contains("blind 0", StringComparison.Ordinal) && lines[width < 60 ? 1 : height - 1].Contains(footer, StringComparison.Ordinal)).Split('\n');
            Assert.Single(rows, static row => row.Contains("blind 0", StringComparison.Ordinal));
            Assert.Single(rows, row => row.Contains(footer, StringComparison.Ordinal));
        }

        Keys("q");
        IsRestored(0);
    }

    [Fact]
    public void Keys_beyond_the_last_row_have_no_effect()
    {
        StartShell();
        Type($"{Command} replay --speed 100 {_recording}");
        Wait(static screen => screen.Contains("60/60", StringComparison.Ordinal));
        Tmux("resize-window", "-t", "t", "-x", "60", "-y", "15");
        Keys("h", "p");
        Wait(static screen => Rows(screen)[3].StartsWith("sched_switch ", StringComparison.Ordinal));
        Keys([.. Enumerable.Repeat("NPage", 5)]);
        string end = Wait(static screen => screen.Contains("\nsys_exit", StringComparison.Ordinal) && !screen.Contains(" more: ", StringComparison.Ordinal));
        Keys("Up");
        Wait(screen => Rows(screen)[4] == Rows(end)[3] && Rows(screen)[3] != Rows(end)[3]);

        // On a higher terminal all rows have room, and on the small one again the first ones are shown.
        Tmux("resize-window", "-t", "t", "-x", "80", "-y", "24");
        Wait(static screen => Rows(screen) is { Length: 24 } rows && rows[3].StartsWith("sched_switch ", StringComparison.Ordinal));
        Tmux("resize-window", "-t", "t", "-x", "60", "-y", "15");
        Wait(static screen => Rows(screen) is { Length: 15 } rows && rows[3].StartsWith("sched_switch ", StringComparison.Ordinal));

        // tmux puts the shell's cursor back where it was at the old width, so the width is that of the beginning again.
        Tmux("resize-window", "-t", "t", "-x", "80", "-y", "24");
        Wait(static screen => Rows(screen) is { Length: 24 });
        Keys("q");
        IsRestored(0);
    }

    [Theory]
    [InlineData("C-c", 130)]
    [InlineData("TERM", 130)]
    [InlineData("HUP", 130)]
    [InlineData("QUIT", 130)]
    public void A_signal_ends_it_and_the_terminal_is_restored(string signal, int code)
    {
        StartShell();
        Type($"{Command} replay {_recording}");
        Wait(static screen => screen.Contains("BUSY", StringComparison.Ordinal));
        if (signal == "C-c")
        {
            Keys("C-c");
        }
        else
        {
            Execute("kill", "-" + signal, ChildOfShell());
        }

        IsRestored(code);
    }

    [Fact]
    public void Ctrl_Z_restores_the_terminal_and_fg_shows_the_screen_again()
    {
        StartShell();
        Type($"{Command} replay --speed 100 {_recording}");
        Wait(static screen => screen.Contains("60/60", StringComparison.Ordinal));
        Keys("C-z");
        Wait(screen => screen.Contains("Stopped", StringComparison.Ordinal) && Query("#{alternate_on}") == "0");
        Type("fg");
        Wait(screen => screen.Contains("BUSY", StringComparison.Ordinal) && Query("#{alternate_on}") == "1");
        Keys("2");
        Wait(static screen => screen.Contains("NO_SOCKET", StringComparison.Ordinal));
        Keys("q");
        IsRestored(0);
    }

    [Fact]
    public void Monitors_that_run_are_shown_with_their_programs_and_the_statistics_are_on_only_meanwhile()
    {
        Hmbpf.NeedsRoot();
        StartShell();
        Type($"{Command} top cpu");
        Wait(static screen => screen.Contains("switches", StringComparison.Ordinal) && screen.Contains("BUSY", StringComparison.Ordinal));
        Keys("b");
        Wait(static screen => screen.Contains("*sched_switch", StringComparison.Ordinal) && screen.Contains("total", StringComparison.Ordinal));
        Assert.True(HasStatistics());
        Keys("c");
        Wait(static screen => screen.Contains("ns/event", StringComparison.Ordinal) && screen.Contains("switch", StringComparison.Ordinal));
        Keys("1");
        Wait(_ => !HasStatistics());
        Keys("q");
        IsRestored(0);
    }

    [Fact]
    public void Without_colours_no_colour_is_written_and_a_dumb_terminal_gets_plain_text()
    {
        StartShell();
        Type($"NO_COLOR=1 {Command} replay --speed 100 {_recording}");
        Wait(static screen => screen.Contains("60/60", StringComparison.Ordinal));
        Assert.DoesNotMatch("\e\\[[0-9;]*3[0-7]m", Tmux("capture-pane", "-t", "t", "-p", "-e"));
        Keys("q");
        IsRestored(0);
        string typescript = Path.Combine(_folder, "typescript");
        Execute("script", "-qec", $"env TERM=dumb {Command} replay {_recording}", typescript);
        string text = File.ReadAllText(typescript);
        Assert.Contains("? help", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_gets_one_frame()
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("replay", _recording);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(24, outcome.Output.Split('\n').Length - 1);
        Assert.StartsWith("hmbpf replay  60/60", outcome.Output, StringComparison.Ordinal);
        Escapes.AreNone(outcome.Output);
    }

    private static string Command => $"{(Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet")} {Path.Combine(AppContext.BaseDirectory, "hmbpf.dll")}";

    // The kernel measures while somebody has such a descriptor.
    private bool HasStatistics()
        => Directory.EnumerateFileSystemEntries($"/proc/{ChildOfShell()}/fd").Any(static descriptor => File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name == "anon_inode:bpf-stats");

    private void StartShell()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/tmux"), "tmux is not installed");
        _started = true;
        string rc = Path.Combine(_folder, "rc");
        File.WriteAllText(rc, $"PS1='$?{Prompt} '\nunset HISTFILE\nset +o history\n");
        Tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "80", "-y", "24", "env", "-u", "NO_COLOR", "TERM=xterm-256color", "LC_ALL=C.UTF-8", "bash", "--noprofile", "--rcfile", rc);
        Wait(static screen => screen.Contains(Prompt, StringComparison.Ordinal));
    }

    /// <summary>The shell's prompt is back with the exit code, on the first screen, with the cursor and with echo.</summary>
    private void IsRestored(int code)
    {
        Wait(screen => Rows(screen).LastOrDefault(static row => row.Length > 0) is { } last && last.StartsWith($"{code}{Prompt}", StringComparison.Ordinal) && Query("#{alternate_on}") == "0");
        Assert.Equal("1", Query("#{cursor_flag}"));
        Type("stty -a | tr ';' '\\n' | grep -wo -e '-*echo' -e '-*icanon' | sort | paste -sd,");
        Wait(static screen => Rows(screen).Contains("echo,icanon"));
    }

    private string ChildOfShell()
    {
        string shell = Query("#{pane_pid}");
        string child = "";
        Wait(_ => (child = Execute("pgrep", "-P", shell).Trim()).Length > 0);
        return child.Split('\n')[0];
    }

    private string Wait(Func<string, bool> isRight)
    {
        string screen = "";
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < s_patience; Thread.Sleep(50))
        {
            if (isRight(screen = Tmux("capture-pane", "-t", "t", "-p")))
            {
                return screen;
            }
        }

        Assert.Fail($"after {s_patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s the screen is:\n{screen}");
        return screen;
    }

    private static string[] Rows(string screen) => [.. screen.TrimEnd('\n').Split('\n').Select(static row => row.TrimEnd())];

    private void Type(string command)
    {
        Tmux("send-keys", "-t", "t", "-l", command);
        Keys("Enter");
    }

    private void Keys(params string[] keys)
    {
        foreach (string key in keys)
        {
            Tmux("send-keys", "-t", "t", key);

            // An escape that comes with the next key would be Alt and that key.
            Thread.Sleep(key == "Escape" ? 600 : 60);
        }
    }

    private string Query(string format) => Tmux("display-message", "-t", "t", "-p", format).Trim();

    private string Tmux(params string[] arguments) => Execute("tmux", ["-S", Path.Combine(_folder, "socket"), .. arguments]);

    private static string Execute(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        _ = error.Result;
        return output;
    }
}
