using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A process that spends CPU time, or sleeps, on request.</summary>
internal sealed class Spender : IDisposable
{
    private static readonly Lazy<string> s_program = new(Compile);

    private readonly Process _process;

    private Spender(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        Assert.Equal("ready", _process.StandardOutput.ReadLine());
    }

    internal int Id => _process.Id;

    internal static Spender C()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "needs /usr/bin/gcc, to make a program to profile");
        return new Spender(new ProcessStartInfo(s_program.Value));
    }

    internal static Spender Managed()
    {
        string[] command = OwnProcess.CommandOf(SpendAsTold);
        return new Spender(new ProcessStartInfo(command[0], command[1..]) { Environment = { ["DOTNET_PerfMapEnabled"] = "3" } });
    }

    internal long Do(string what)
    {
        _process.StandardInput.WriteLine(what);
        _process.StandardInput.Flush();
        return long.Parse(_process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        File.Delete($"/tmp/perf-{_process.Id}.map");
        _process.Dispose();
    }

    private static string Compile()
    {
        string folder = Directory.CreateTempSubdirectory("hypermesh-spent-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string path = Path.Combine(folder, "spent"), source = Path.Combine(AppContext.BaseDirectory, "spent.c");
        using Process gcc = Process.Start("/usr/bin/gcc", ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-o", path, source]);
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);
        return path;
    }

    // Called in a process of its own.
    internal static void SpendAsTold()
    {
        Console.Out.WriteLine("ready");
        Console.Out.Flush();
        while (Console.In.ReadLine() is { } line)
        {
            SpendByShare(double.Parse(line.AsSpan(1), CultureInfo.InvariantCulture) / 1e3);
            Console.Out.WriteLine("0");
            Console.Out.Flush();
        }
    }

    // Equal loops may take unequal times, and so each call goes to the method that is furthest from its share by the thread's CPU clock.
    private static void SpendByShare(double seconds)
    {
        (Action Method, double Share, double Spent)[] all = [(SpendSixty, 0.6, 0), (SpendThirty, 0.3, 0), (SpendTen, 0.1, 0)];
        if (s_iterations == 0)
        {
            // Each is compiled by its first call, which an emulated machine takes a tenth of a second for: the compiler's time is no share.
            foreach (var (method, _, _) in all)
            {
                method();
            }

            s_iterations = FirstIterations;
            var first = Work.Begin();
            SpendSixty();
            all[0].Spent = first.Time.TotalSeconds;
            s_iterations = (long)(FirstIterations * 0.01 / all[0].Spent);
        }

        while (all.Sum(static one => one.Spent) < seconds)
        {
            int next = 0;
            for (int other = 1; other < all.Length; other++)
            {
                next = all[other].Spent / all[other].Share < all[next].Spent / all[next].Share ? other : next;
            }

            var work = Work.Begin();
            all[next].Method();
            all[next].Spent += work.Time.TotalSeconds;
        }
    }

    private const long FirstIterations = 100_000;

    // Calls of about 10 ms: samples are a millisecond apart, and shorter calls in a regular order would keep step with them.
    private static long s_iterations;
    private static long s_sink;

    // Methods that are optimized at once are not compiled ahead of time, and so the runtime names them.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void SpendSixty() => Spend();

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void SpendThirty() => Spend();

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void SpendTen() => Spend();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spend()
    {
        for (long i = 0; i < s_iterations; i++)
        {
            Volatile.Write(ref s_sink, (Volatile.Read(ref s_sink) * 31) + i);
        }
    }
}
