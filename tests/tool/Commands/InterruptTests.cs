using System.Diagnostics;
using System.Globalization;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>Ctrl-C ends a command with an exit code of its own, which the README states.</summary>
public sealed class InterruptTests
{
    private const int Interrupted = 130;

    // Seconds of work, in one command line.
    private const int Copies = 20_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_interrupted_command_ends_with_130_after_whole_lines()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using Process process = Hmbpf.StartIn(
            Path.GetDirectoryName(Hmbpf.TestData("core.bpf.o"))!, ["relocate", "--btf", "core-target.bpf.o", .. Enumerable.Repeat("core.bpf.o", Copies)]);
        Task<string> error = process.StandardError.ReadToEndAsync(stop);
        string? first = await process.StandardOutput.ReadLineAsync(stop);
        Task<string> rest = process.StandardOutput.ReadToEndAsync(stop);
        using (Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await interrupt.WaitForExitAsync(stop);
        }

        bool ended = process.WaitForExit(s_patience);
        if (!ended)
        {
            process.Kill();
        }

        Assert.True(ended, "the command did not end");
        Assert.StartsWith("core.bpf.o ", first, StringComparison.Ordinal);

        // A process that the signal kills has this exit code too, but leaves the last block of its output unwritten.
        Assert.Equal((Interrupted, ""), (process.ExitCode, await error));
        string written = await rest;
        Assert.EndsWith("\n", written, StringComparison.Ordinal);
        Assert.True(written.Split('\n').Length < Copies, "the command had done all its work");
    }

    [Fact]
    public void The_README_states_each_exit_code()
    {
        string readme = File.ReadAllText(Path.Combine(Hmbpf.SourceDirectory, "../../src/Hypermesh.Bpf.Tool/README.md"));
        string sentence = readme[readme.IndexOf("Exit codes: ", StringComparison.Ordinal)..];
        sentence = sentence[..sentence.IndexOf('.', StringComparison.Ordinal)];
        int[] codes = [.. typeof(Hypermesh.Bpf.Tool.Output.ExitCode).GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic).Select(static field => (int)field.GetRawConstantValue()!)];

        Assert.Contains(Interrupted, codes);
        Assert.All(codes, code => Assert.Matches($"(: |, ){code} ", sentence));
    }
}
