using System.Diagnostics;
using System.Reflection;

namespace Hypermesh.Bpf.Tests.Unit.Harness;

/// <summary>What test.sh does with a run: it is ended only for lack of progress, and the tests that had ended by then are counted.</summary>
public sealed class WatchTests : IDisposable
{
    private const string LivesOn = "lives-on";

    private readonly string _folder = Directory.CreateTempSubdirectory("hypermesh-watch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_that_hangs_is_ended_with_its_children_and_what_had_passed_counts()
    {
        // As long as the child is there, it writes the file again and again.
        string output = Run(patience: "0.03", """
            printf 'started\tA.first\t\npassed\tA.first\t\nstarted\tA.second\t\nskipped\tA.second\tnot here\nstarted\tA.third\t\nstarted\tA.fourth\t\nfailed\tA.fourth\tbecause\n' >>progress
            while :; do touch lives-on; sleep 0.05; done &
            sleep 600
            """);

        Assert.Contains("code 124", output, StringComparison.Ordinal);
        Assert.Contains("FAILED it: cut off, since nothing happened for 0.03 minutes. Running: A.third", output, StringComparison.Ordinal);
        Assert.Contains("failed A.fourth: because", output, StringComparison.Ordinal);
        Assert.Contains("1 passed, 2 failed, 1 skipped", output, StringComparison.Ordinal);
        string written = Path.Combine(_folder, LivesOn);
        Assert.True(File.Exists(written));
        File.Delete(written);
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Assert.False(File.Exists(written));
    }

    [Fact]
    public void A_run_that_goes_on_is_never_ended()
    {
        // Three times as long as its patience.
        string output = Run(patience: "0.05", """
            for i in $(seq 18); do printf 'working\tlong test\t%d of 18\n' "$i" >>progress; sleep 0.5; done
            echo '<assembly passed="3" failed="0" errors="0" skipped="1">' >report.xml
            """);

        Assert.Contains("code 0", output, StringComparison.Ordinal);
        Assert.Contains("3 passed, 0 failed, 1 skipped", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_leaves_the_tests_that_were_running()
    {
        string output = Run(patience: "1", """
            printf 'started\tA.first\t\npassed\tA.first\t\nstarted\tA.second\t\nworking\tsteps\t3 of 9\n' >>progress
            kill -SEGV $$
            """);

        Assert.Contains("FAILED it: ended with exit code 139 and left no report. Running: A.second (steps: 3 of 9)", output, StringComparison.Ordinal);
        Assert.Contains("1 passed, 1 failed, 0 skipped", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_CI_nothing_is_accepted()
    {
        string script = Path.Combine(typeof(WatchTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!, "../../test.sh");
        var start = new ProcessStartInfo("bash", [script, "unit"]) { RedirectStandardError = true, Environment = { ["CI"] = "true", ["HYPERMESH_ACCEPT"] = "1" } };
        using Process bash = Process.Start(start)!;
        string errors = bash.StandardError.ReadToEnd();
        bash.WaitForExit();

        Assert.Equal(1, bash.ExitCode);
        Assert.Contains("HYPERMESH_ACCEPT is refused under CI", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("passed=\"2\" failed=\"0\" errors=\"0\" skipped=\"0\"", 3, "2 passed, 1 failed, 0 skipped")]
    [InlineData("passed=\"0\" failed=\"0\" errors=\"0\" skipped=\"0\"", 0, "0 passed, 1 failed, 0 skipped")]
    [InlineData("passed=\"2\" failed=\"1\" errors=\"1\" skipped=\"4\"", 2, "2 passed, 2 failed, 4 skipped")]
    public void A_report_counts_and_a_runner_that_fails_without_a_failed_test_does_too(string counts, int code, string expected)
    {
        string output = Run(patience: "1", $"echo '<assembly {counts}>' >report.xml; exit {code}");

        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    // What this very run writes, where it is watched.
    [Fact]
    public void This_test_is_in_the_live_report()
    {
        string? path = Environment.GetEnvironmentVariable("HYPERMESH_TEST_PROGRESS");
        if (string.IsNullOrEmpty(path))
        {
            // Not watched: then a line goes nowhere, and does no harm.
            Rounds.Report("nothing", 1, 1);
            return;
        }

        Assert.True(SpinWait.SpinUntil(() => File.ReadAllText(path).Contains($"started\t{typeof(WatchTests).FullName}.{nameof(This_test_is_in_the_live_report)}\t", StringComparison.Ordinal), TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData(250_000, true, 250_000)]
    [InlineData(250_000, false, 25_000)]
    [InlineData(5, false, 1)]
    public void A_tenth_of_the_rounds_is_done_unless_all_are_wanted(int whole, bool isFull, int rounds) => Assert.Equal(rounds, Rounds.Of(whole, isFull));

    private string Run(string patience, string script)
    {
        string harness = Path.Combine(typeof(WatchTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "SourceDirectory").Value!, "../harness/watch.sh");
        File.WriteAllText(Path.Combine(_folder, "script"), script);
        string watch = """
            set -euo pipefail
            . "$0"
            cd "$1"; : >progress; code=0 PASSED=0 FAILED=0 SKIPPED=0
            watched log progress bash script || code=$?
            echo "code $code"
            count_run it report.xml progress "$code"
            echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
            """;
        var start = new ProcessStartInfo("bash", ["-c", watch, harness, _folder]) { RedirectStandardOutput = true, Environment = { ["HYPERMESH_TEST_PATIENCE"] = patience } };
        using Process bash = Process.Start(start)!;
        string output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.True(bash.ExitCode == 0, output);
        return output;
    }
}
