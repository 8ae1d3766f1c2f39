using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>Tools side by side, such as bpftrace and hmbpf: all watch the same process, which acts after they are attached.</summary>
internal static class Peers
{
    internal const string Bpftrace = "/usr/bin/bpftrace";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    internal static void NeedBpftrace()
    {
        Hmbpf.NeedsRoot();
        Assert.SkipUnless(File.Exists(Bpftrace), "bpftrace is not installed: there is nothing to compare with");
    }

    /// <summary>Starts a program under the name of a link, which is its comm.</summary>
    internal static Process Start(string folder, string name, string program, params string[] arguments)
    {
        string link = Path.Combine(folder, name);
        if (!File.Exists(link))
        {
            File.CreateSymbolicLink(link, program);
        }

        return Process.Start(new ProcessStartInfo(link, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    internal static void RunToEnd(string folder, string name, string program, params string[] arguments)
    {
        using Process process = Start(folder, name, program, arguments);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error + output.Result);
    }

    /// <summary>Reads from a file that is on a disk, past the page cache, with so many requests of each size.</summary>
    internal static void ReadDisk(string folder, string name, params (string Size, int Count)[] requests)
    {
        // Beside the tests, since /tmp may be in memory.
        string data = Path.Combine(AppContext.BaseDirectory, $"{name}-{Environment.ProcessId}");
        try
        {
            File.WriteAllBytes(data, new byte[8 << 20]);
            using (FileStream file = File.OpenWrite(data))
            {
                file.Flush(flushToDisk: true);
            }

            foreach ((string size, int count) in requests)
            {
                RunToEnd(folder, name, "/bin/dd", $"if={data}", "of=/dev/null", "iflag=direct", $"bs={size}", $"count={count}");
            }
        }
        finally
        {
            File.Delete(data);
        }
    }

    /// <summary>Runs commands in a mount namespace with tracefs each, and the stimulus between their start and their end. Returns what they print.</summary>
    internal static string[] Watch(Action stimulus, params string[][] commands)
    {
        var tools = new List<(Process Process, Task<string> Output, Task<string> Error)>();
        try
        {
            foreach (string[] command in commands)
            {
                var start = new ProcessStartInfo("unshare", ["-m", "sh", "-c", "mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; exec env --default-signal=INT \"$@\"", "sh", .. command])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    Environment = { ["BPFTRACE_STRLEN"] = "128", ["BPFTRACE_PERF_RB_PAGES"] = "1024" },
                };
                Process process = Process.Start(start)!;
                tools.Add((process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()));
            }

            foreach ((Process process, _, Task<string> error) in tools)
            {
                Attached(process, error);
            }

            stimulus();
            Assert.All(tools.Zip(commands), static one => Interrupt(one.First.Process, again: one.Second[0] == Bpftrace));
            Assert.All(tools, static tool => Assert.True(tool.Process.ExitCode == 0, tool.Error.Result));
            return [.. tools.Select(static tool => tool.Output.Result)];
        }
        finally
        {
            foreach ((Process process, _, _) in tools)
            {
                if (!process.HasExited)
                {
                    process.Kill();
                }

                process.Dispose();
            }
        }
    }

    /// <summary>The lines of an output that are JSON.</summary>
    internal static JsonElement[] Objects(string output)
        => [.. output.Split('\n').Where(static line => line.StartsWith('{')).Select(static line => JsonDocument.Parse(line).RootElement)];

    // Again for bpftrace, which attaches before it handles the signal. A second one ends hmbpf at once, without its result.
    private static void Interrupt(Process process, bool again)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < s_patience;)
        {
            using Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            interrupt.WaitForExit();
            if (process.WaitForExit(again ? TimeSpan.FromSeconds(3) : s_patience))
            {
                return;
            }
        }

        Assert.Fail("a tool does not end");
    }

    // Their descriptors say so: a link, or for the tracepoints of an old bpftrace a perf event. All are there when no more come.
    private static void Attached(Process process, Task<string> error)
    {
        var waited = Stopwatch.StartNew();
        for (int last = 0, same = 0; same < 2;)
        {
            Assert.False(process.HasExited, process.HasExited ? error.Result : "");
            Assert.True(waited.Elapsed < s_patience, "nothing was attached");
            int events = Directory.EnumerateFiles($"/proc/{process.Id}/fd").Select(Target).Count(static target => target.Contains("perf_event", StringComparison.Ordinal) || target.Contains("bpf_link", StringComparison.Ordinal));
            same = events > 0 && events == last ? same + 1 : 0;
            last = events;
            Thread.Sleep(300);
        }
    }

    // Empty where the descriptor was closed meanwhile.
    private static string Target(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
