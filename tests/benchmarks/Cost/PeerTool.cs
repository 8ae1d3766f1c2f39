using System.Diagnostics;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>A tool of Debian's libbpf-tools that runs beside a monitor, so that the machine's noise falls on both. Its output is ignored.</summary>
internal sealed class PeerTool : IDisposable
{
    private readonly Process _process;

    private PeerTool(Process process, uint[] programs) => (_process, Programs) = (process, programs);

    /// <summary>The IDs of its programs.</summary>
    internal uint[] Programs { get; }

    /// <summary>Starts it and waits until its programs are loaded.</summary>
    /// <param name="name">The tool.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="programs">How many programs it loads at least.</param>
    internal static PeerTool Start(string name, string[] arguments, int programs)
    {
        uint[] before = [.. ProgramTimes.Read().Keys];
        Process process = Process.Start(new ProcessStartInfo("setpriv", ["--pdeathsig", "TERM", name, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        int last = 0;
        for (int attempt = 0; attempt < 50; attempt++)
        {
            // It may have more than the least number: all are loaded when no further one has come for a while.
            Thread.Sleep(500);
            uint[] added = [.. ProgramTimes.Read().Keys.Except(before)];
            if (added.Length >= programs && added.Length == last)
            {
                return new PeerTool(process, added);
            }

            last = added.Length;
        }

        process.Kill();
        process.Dispose();
        throw new InvalidOperationException($"{name} did not load its programs; is the package libbpf-tools installed, and tracefs mounted?");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
