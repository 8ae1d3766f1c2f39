using System.Globalization;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A control group of version 2 of the test's own, below the root; while it is entered, this process is in it.</summary>
internal sealed class TestGroup : IDisposable
{
    private static int s_number;

    private readonly string _root;
    private bool _mounted;
    private string? _before;

    internal TestGroup()
    {
        _root = FindRoot();
        Path = System.IO.Path.Combine(_root, $"hypermesh-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}");
        Directory.CreateDirectory(Path);
        Group = ControlGroup.Open(Path);
    }

    internal string Path { get; }

    internal ControlGroup Group { get; }

    /// <summary>Sends datagrams from within the group.</summary>
    internal void Send(int packets)
    {
        Enter();
        Stimuli.Datagrams(packets);
        Leave();
    }

    /// <summary>Moves this process in: what it does with sockets made from now on, files and devices counts as the group's.</summary>
    internal void Enter()
    {
        string line = File.ReadLines("/proc/self/cgroup").First(static line => line.StartsWith("0::", StringComparison.Ordinal));
        _before = _root + line["0::".Length..];
        Move(Path);
    }

    internal void Leave()
    {
        if (_before is not null)
        {
            Move(_before);
            _before = null;
        }
    }

    public void Dispose()
    {
        Leave();
        Group.Dispose();
        Directory.Delete(Path);
        if (_mounted)
        {
            Sandbox.Shell($"umount {_root} && rmdir {_root}");
        }
    }

    private static void Move(string directory)
        => File.WriteAllText(System.IO.Path.Combine(directory, "cgroup.procs"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    private string FindRoot()
    {
        foreach (string line in File.ReadLines("/proc/self/mounts"))
        {
            string[] fields = line.Split(' ');
            if (fields[2] == "cgroup2")
            {
                return fields[1];
            }
        }

        string root = $"/tmp/hypermesh-cgroup2-{Environment.ProcessId}";
        Sandbox.Shell($"mkdir -p {root} && mount -t cgroup2 none {root}");
        _mounted = true;
        return root;
    }
}
