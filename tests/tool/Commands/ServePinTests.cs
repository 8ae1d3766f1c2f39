using System.Diagnostics;
using System.Globalization;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary><c>hmbpf serve --pin</c>: what one server leaves, killed or ended, the next one continues. In a mount namespace with a BPF file system of its own.</summary>
public sealed class ServePinTests : IDisposable
{
    private const string Folder = "/sys/fs/bpf/agents/all";
    private const string Opens = "hypermesh_file_operations_total{hypermesh_operation=\"open\",hypermesh_path=\"syscall\",error_type=\"ELOOP\"}";
    private const string Calls = "bpf_test_calls_total{object=\"counted\"}";

    private const string Source = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        #include <hypermesh/metric.h>

        __u64 calls HM_COUNTER("test.calls", "{call}", "Calls that no other program makes");
        VERSION

        SEC("raw_tp/sys_enter")
        int count_call(__u64 *ctx)
        {
            if (ctx[1] == 501)
                __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
            return 0;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-serve-pin-").FullName;
    private readonly Process _namespace;

    public ServePinTests()
    {
        Hmbpf.NeedsRoot();
        File.CreateSymbolicLink($"{_folder}/loop", "loop");
        _namespace = Process.Start(new ProcessStartInfo("unshare", ["-m", "/bin/sh", "-c", "mount -t bpf bpf /sys/fs/bpf && echo ready && read line"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("ready", _namespace.StandardOutput.ReadLine());
    }

    private string[] Enter => ["nsenter", $"--mount=/proc/{_namespace.Id}/ns/mnt"];

    public void Dispose()
    {
        _namespace.StandardInput.Close();
        _namespace.WaitForExit();
        _namespace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_totals_of_monitors_and_of_own_programs_go_on_after_a_kill_a_stop_and_a_reload()
    {
        string file = Write(1);
        string[] arguments = ["--pin", Folder, "--with", file, "--reload"];
        using (Server first = await Server.StartAsync(arguments, by: Enter))
        {
            string refused = Run("serve", "--pin", Folder, "--listen", "127.0.0.1:0").Error;
            Assert.Equal(2, refused.Split("is in use by process").Length);
            Stimulate(100);
            await Reaches(first, 100);
            Stimulate(100);

            // SIGKILL, at any time of its period.
            first.Process.Kill();
            first.Process.WaitForExit();
        }

        Stimulate(100);
        using (Server second = await Server.StartAsync(arguments, by: Enter))
        {
            await Reaches(second, 300);
            Write(2);
            await Started.UntilAsync(() => Task.FromResult(second.Error.Contains("reloaded: count_call", StringComparison.Ordinal) ? "" : null), () => $"not reloaded: {second.Error}");
            Stimulate(100);
            await Reaches(second, 400);
            Assert.Equal(0, second.Terminate(TimeSpan.FromSeconds(20)));
        }

        Stimulate(100);
        using (Server third = await Server.StartAsync(arguments, by: Enter))
        {
            await Reaches(third, 500);
        }

        Assert.Equal(0, Run("pin", "clean", Folder).ExitCode);
        Assert.Equal(1, Run("pin", "list", Folder).ExitCode);
    }

    [Theory]
    [InlineData("--reload is for --with, which is missing.", "--reload")]
    [InlineData("--reload needs files, and 'runqlat' is a template: write it to a file first.", "--reload", "--with", "runqlat")]
    public void A_reload_of_nothing_that_can_change_is_reported(string expected, params string[] arguments)
    {
        (int code, string error) = Run(["serve", .. arguments]);
        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static async Task Reaches(Server server, double count)
    {
        // What is counted before the next reading comes with it, and never more.
        string metrics = "";
        await Started.UntilAsync(
            async () =>
            {
                metrics = await server.Client.GetStringAsync("/metrics");
                Assert.True(ValueOf(metrics, Opens) <= count && ValueOf(metrics, Calls) <= count, $"{ValueOf(metrics, Opens)} and {ValueOf(metrics, Calls)}, and there were {count}");
                return ValueOf(metrics, Opens) == count && ValueOf(metrics, Calls) == count ? "" : null;
            },
            () => $"{count} were expected: {string.Join("\n", metrics.Split('\n').Where(static line => line.Contains("ELOOP", StringComparison.Ordinal) || line.StartsWith("bpf_test", StringComparison.Ordinal)))} {server.Error}");
    }

    private static double ValueOf(string metrics, string series)
        => metrics.Split('\n').FirstOrDefault(line => line.StartsWith(series, StringComparison.Ordinal)) is { } line ? double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture) : 0;

    private string Write(int version)
    {
        string file = $"{_folder}/counted.bpf.c";
        File.WriteAllText(file, Source.Replace("VERSION", $"volatile const int version = {version};", StringComparison.Ordinal));
        return file;
    }

    // So many of both: opens of a link to itself, and calls that no other program makes.
    private void Stimulate(int count)
    {
        using Process perl = Process.Start("perl", ["-e", $"for (1..{count}) {{ open(F, '<', '{_folder}/loop'); syscall(501); }}"]);
        perl.WaitForExit();
        Assert.Equal(0, perl.ExitCode);
    }

    private (int ExitCode, string Error) Run(params string[] arguments)
    {
        string[] command = [.. Enter, Hmbpf.Dotnet, Hmbpf.Command, .. arguments];
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error + output.GetAwaiter().GetResult());
    }
}
