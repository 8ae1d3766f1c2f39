using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>Commands of the shell.</summary>
internal static class Shell
{
    /// <summary>Runs a command to its end, and returns what it printed.</summary>
    internal static string Run(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Trim();
    }
}

/// <summary>A loop device over a file in memory, so that a disk is measured and not waited for. It is gone with this process, however that ends.</summary>
internal sealed class LoopDevice : IDisposable
{
    private readonly SafeFileHandle _open;

    internal LoopDevice(string file)
    {
        Path = Shell.Run($"truncate -s 64M {file} && losetup --find --show {file}");
        _open = File.OpenHandle(Path);

        // The kernel detaches it when nobody has it open any more.
        Shell.Run($"losetup -d {Path}; rm {file}");
    }

    /// <summary>The path of the device.</summary>
    internal string Path { get; }

    public void Dispose() => _open.Dispose();
}
