using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>A program of a test that runs until the test ends it: it is ended by its ID.</summary>
internal class Started : IDisposable
{
    private readonly StringBuilder _error = new();

    internal Started(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        Process = Process.Start(start)!;
        Process.ErrorDataReceived += (_, line) =>
        {
            lock (_error)
            {
                _error.Append(line.Data).Append('\n');
            }
        };
        Process.BeginErrorReadLine();
    }

    internal Process Process { get; }

    internal string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    /// <summary>Sends SIGTERM, and returns the exit code.</summary>
    internal int Terminate(TimeSpan patience)
    {
        using (Process kill = Process.Start("kill", ["-TERM", Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        Assert.True(Process.WaitForExit(patience), $"it still runs {patience.TotalSeconds} s after SIGTERM");
        return Process.ExitCode;
    }

    public virtual void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
            Process.WaitForExit();
        }

        Process.Dispose();
    }

    /// <summary>Waits until a condition holds, for a busy machine long enough.</summary>
    internal static async Task<T> UntilAsync<T>(Func<Task<T?>> look, Func<string> otherwise)
        where T : class
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60))
        {
            if (await look() is { } found)
            {
                return found;
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.Fail(otherwise());
        return null!;
    }

    /// <summary>A port of loopback that nothing listens at now.</summary>
    internal static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The path of a program of a Debian package; the test is skipped where it is not installed.</summary>
    internal static string Installed(string program, string package)
    {
        string? path = Array.Find([$"/usr/bin/{program}", $"/usr/local/bin/{program}"], File.Exists);
        Assert.SkipWhen(path is null, $"{program} is not installed (Debian's package {package})");
        return path;
    }
}

/// <summary><c>hmbpf serve</c> at a free port.</summary>
internal sealed partial class Server : Started
{
    private Server(string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)>? environment)
        : base(program, arguments, environment)
        => Client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };

    internal HttpClient Client { get; }

    /// <summary>The lines after the first.</summary>
    internal StreamReader Output => Process.StandardOutput;

    /// <summary>Starts it, and returns when its first reading is made.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables of its environment.</param>
    /// <param name="by">A command that executes it, such as one that enters namespaces; nothing to start it directly.</param>
    internal static async Task<Server> StartAsync(string[] arguments, IEnumerable<(string Name, string Value)>? environment = null, params string[] by)
    {
        string[] command = [.. by, Hmbpf.Dotnet, Hmbpf.Command, "serve", "--listen", "127.0.0.1:0", .. arguments];
        var server = new Server(command[0], command[1..], environment);
        try
        {
            string? line = await server.Process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Match match = FirstLine().Match(line ?? "");
            Assert.True(match.Success, $"the first line is '{line}': {server.Error}");
            server.Client.BaseAddress = new Uri(match.Groups[1].Value);
            await UntilAsync(async () => (await server.Client.GetStringAsync("/metrics")).Contains("\nhypermesh_monitor_state", StringComparison.Ordinal) ? "" : null, () => $"no reading: {server.Error}");
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"^listening on (http://127\.0\.0\.1:[0-9]+)$")]
    private static partial Regex FirstLine();
}
