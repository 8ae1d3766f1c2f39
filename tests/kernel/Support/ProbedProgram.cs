using System.Diagnostics;
using System.Globalization;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A small C program that runs and does what it is told, to be attached to. Compiled once a run, by the machine's own compiler.</summary>
internal sealed class ProbedProgram : IDisposable
{
    private static readonly Lazy<string> s_fixed = new(() => Compile("-no-pie"));
    private static readonly Lazy<string> s_movable = new(() => Compile("-pie -fPIE"));

    private readonly Process _process;

    private ProbedProgram(string path)
    {
        Path = path;
        _process = Process.Start(new ProcessStartInfo(path) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string[] ready = _process.StandardOutput.ReadLine()!.Split(' ');
        Assert.Equal("ready", ready[0]);
        Counter = ulong.Parse(ready[1].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    internal string Path { get; }

    internal int Id => _process.Id;

    /// <summary>The address of a variable it writes once each time.</summary>
    internal ulong Counter { get; }

    /// <summary>Starts it.</summary>
    /// <param name="isMovable">True for one that may be loaded anywhere.</param>
    internal static ProbedProgram Start(bool isMovable = false)
    {
        string compiler = "/usr/bin/gcc";
        Assert.SkipUnless(File.Exists(compiler), $"needs {compiler}, to make a program to attach to");
        return new ProbedProgram(isMovable ? s_movable.Value : s_fixed.Value);
    }

    /// <summary>Does everything some times.</summary>
    /// <returns>What its semaphore and its reference counter were meanwhile.</returns>
    internal (int Semaphore, int Counter) Do(int times)
    {
        _process.StandardInput.WriteLine(times);
        _process.StandardInput.Flush();
        string[] answer = _process.StandardOutput.ReadLine()!.Split(' ');
        return (int.Parse(answer[0], CultureInfo.InvariantCulture), int.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Compile(string options)
    {
        string directory = Directory.CreateTempSubdirectory("hypermesh-probed-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        string path = System.IO.Path.Combine(directory, "probed");
        Sandbox.Shell($"gcc -O1 -g0 {options} -o {path} {System.IO.Path.Combine(AppContext.BaseDirectory, "probed.c")}");
        return path;
    }
}
