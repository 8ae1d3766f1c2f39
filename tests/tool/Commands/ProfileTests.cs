using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary><c>hmbpf profile</c>: what it prints of a process that is busy, or waits.</summary>
public sealed class ProfileTests : IDisposable
{
    private readonly Process _busy = Process.Start("setpriv", ["--pdeathsig", "KILL", "sh", "-c", "while :; do :; done"]);

    public void Dispose()
    {
        _busy.Kill();
        _busy.WaitForExit();
        _busy.Dispose();
    }

    [Fact]
    public void A_busy_process_is_seen_in_all_forms()
    {
        Hmbpf.NeedsRoot();
        string folder = Directory.CreateTempSubdirectory("hmbpf-profile-").FullName;
        try
        {
            string pprof = Path.Combine(folder, "busy.pb.gz");
            Hmbpf.Outcome json = Hmbpf.Run("profile", "--pid", $"{_busy.Id}", "--seconds", "1", "--json", "--pprof", pprof);
            Hmbpf.Outcome folded = Hmbpf.Run("profile", "--pid", $"{_busy.Id}", "--seconds", "1", "--folded");
            Hmbpf.Outcome table = Hmbpf.Run("profile", "--pid", $"{_busy.Id}", "--seconds", "1", "--hz", "997");

            Assert.Equal((0, 0, 0), (json.ExitCode, folded.ExitCode, table.ExitCode));
            Assert.Equal("samples", json.Json.GetProperty("unit").GetString());
            JsonElement[] stacks = [.. json.Json.GetProperty("stacks").EnumerateArray()];
            Assert.All(stacks, one => Assert.Equal((_busy.Id, "sh"), (one.GetProperty("process").GetInt32(), one.GetProperty("command").GetString())));
            Assert.Equal(json.Json.GetProperty("total").GetInt64(), stacks.Sum(static one => one.GetProperty("amount").GetInt64()));
            Assert.InRange(json.Json.GetProperty("total").GetInt64(), 1, 2 * 99);
            Assert.All(folded.Lines, static line => Assert.Matches(@"^sh(;[^;]+)* [1-9]\d*$", line));
            Assert.Matches(@"^ *SELF +WITH CALLED +SAMPLES +FUNCTION\n", table.Output);
            using var compressed = new GZipStream(File.OpenRead(pprof), CompressionMode.Decompress);
            Assert.True(compressed.ReadByte() >= 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_process_that_sleeps_is_off_the_CPU()
    {
        Hmbpf.NeedsRoot();
        using Process sleeper = Process.Start("setpriv", ["--pdeathsig", "KILL", "sh", "-c", "while :; do sleep 0.05; done"]);
        try
        {
            JsonElement result = Hmbpf.Run("profile", "--offcpu", "--pid", $"{sleeper.Id}", "--seconds", "2", "--json").Json;

            Assert.Equal("nanoseconds", result.GetProperty("unit").GetString());
            Assert.True(result.GetProperty("total").GetInt64() > 1_000_000_000, $"{result.GetProperty("total")}");
        }
        finally
        {
            sleeper.Kill();
            sleeper.WaitForExit();
        }
    }

    [Theory]
    [InlineData(2, "hmbpf: --hz takes a whole number from 1 to 10000, not '0'.", "--hz", "0")]
    [InlineData(2, "hmbpf: --pid takes a whole number from 1 on, not 'x'.", "--pid", "x")]
    [InlineData(1, "hmbpf: There is no process 2147483646.\n", "--pid", "2147483646")]
    [InlineData(1, "hmbpf: Could not find a part of the path '/nonexistent/file'.\n", "--seconds", "1", "--pprof", "/nonexistent/file")]
    public void A_mistake_is_one_line(int code, string message, params string[] arguments)
    {
        Hmbpf.NeedsRoot();
        Hmbpf.Outcome outcome = Hmbpf.Run(["profile", .. arguments]);

        Assert.Equal((code, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith(message, outcome.Error, StringComparison.Ordinal);
    }
}
