using System.Diagnostics;
using System.Globalization;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A control group of the test's own with a limit of memory, and a program that takes memory in it.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private static readonly Lazy<string> s_hog = new(Compile);
    private static int s_number;

    private readonly List<Process> _processes = [];
    private readonly string _folder;

    internal MemoryGroup(long limit)
    {
        CGroupHierarchy hierarchy = CGroupHierarchy.Find("memory") ?? throw new InvalidOperationException("no cgroups are mounted");
        IsV1 = hierarchy.IsV1;
        if (!IsV1)
        {
            File.WriteAllText(System.IO.Path.Combine(hierarchy.Root, "cgroup.subtree_control"), "+memory");
        }

        Limit = limit;
        Path = $"/hypermesh-memory-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}";
        _folder = hierarchy.Root + Path;
        Directory.CreateDirectory(_folder);
        Write(IsV1 ? "memory.limit_in_bytes" : "memory.max", limit);
    }

    internal bool IsV1 { get; }

    internal long Limit { get; }

    /// <summary>The path below the root of the hierarchy.</summary>
    internal string Path { get; }

    /// <summary>How many processes of the group were killed, by the kernel's own count.</summary>
    internal long Kills => Find(IsV1 ? "memory.oom_control" : "memory.events", "oom_kill");

    /// <summary>How often the group was at its limit, by the kernel's own count; on v1 charges that failed, which are more.</summary>
    internal long AtLimit => IsV1 ? long.Parse(File.ReadAllText(System.IO.Path.Combine(_folder, "memory.failcnt")), CultureInfo.InvariantCulture) : Find("memory.events", "max");

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.WaitForExit();
            process.Dispose();
        }

        // A killed process leaves its group a moment after its parent has seen its end.
        for (int i = 0; i < 100; i++)
        {
            try
            {
                Directory.Delete(_folder);
                return;
            }
            catch (IOException)
            {
                Thread.Sleep(20);
            }
        }

        Directory.Delete(_folder);
    }

    /// <summary>Starts the program in the group; it waits for a line where it says that it is ready.</summary>
    internal Process Start(params string[] words)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"echo $$ > {_folder}/cgroup.procs && exec \"$@\"");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(s_hog.Value);
        foreach (string word in words)
        {
            start.ArgumentList.Add(word);
        }

        Process process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts it with a part of the limit; it grows from the line on that <see cref="Go"/> writes.</summary>
    internal Process StartGrowing(double share, double sharePerSecond)
    {
        Process process = Start("grow", Bytes(share), Bytes(sharePerSecond));
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }

    /// <summary>Lets a waiting program go on.</summary>
    internal static void Go(Process process)
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
    }

    /// <summary>Takes more than the limit at once, and is killed.</summary>
    internal void BeKilled()
    {
        Process process = Start("pages", ((2 * Limit) / Environment.SystemPageSize).ToString(CultureInfo.InvariantCulture));
        process.WaitForExit();
        Assert.Equal(128 + 9, process.ExitCode);
    }

    /// <summary>Fills the group with page cache, so that beyond its limit it must take some back. A guest's own files are in memory, so there files of the machine are read, after they were dropped from the page cache.</summary>
    internal void FillPageCache(long bytes)
    {
        string count = bytes.ToString(CultureInfo.InvariantCulture);
        string file = System.IO.Path.Combine("/var/tmp", "hypermesh-" + System.IO.Path.GetFileName(Path));
        Process process = Emulation.IsEmulated
            ? Start(["files", count, .. Directory.EnumerateFiles("/usr/share/dotnet", "*.dll", SearchOption.AllDirectories).Reverse().Take(1000)])
            : Start("write", count, file);
        process.WaitForExit();
        File.Delete(file);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>The pages that were taken back from it (v2 only).</summary>
    internal long Stolen => Find("memory.stat", "pgsteal");

    private string Bytes(double share) => ((long)(share * Limit)).ToString(CultureInfo.InvariantCulture);

    private static string Compile()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "needs /usr/bin/gcc, to make a program that takes memory");
        string directory = Directory.CreateTempSubdirectory("hypermesh-hog-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        string path = System.IO.Path.Combine(directory, "hog");
        Sandbox.Shell($"gcc -O1 -o {path} {System.IO.Path.Combine(AppContext.BaseDirectory, "hog.c")}");
        return path;
    }

    private void Write(string file, long value) => File.WriteAllText(System.IO.Path.Combine(_folder, file), value.ToString(CultureInfo.InvariantCulture));

    private long Find(string file, string name)
    {
        string line = File.ReadLines(System.IO.Path.Combine(_folder, file)).First(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }
}
