using System.Text;
using Hypermesh.Bpf.Monitoring.Processes;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>What happened to a process.</summary>
public enum ProcessEventKind
{
    /// <summary>It began to execute a program.</summary>
    Exec,

    /// <summary>It ended.</summary>
    Exit,
}

/// <summary>A program that was executed, or a process that ended.</summary>
public sealed class ProcessEvent
{
    private ProcessEvent(ProcessEventKind kind, in ProcessSkeleton.EventProcess process, string? path)
    {
        Kind = kind;
        TimeNs = (long)process.TimeNs;
        ProcessId = (int)process.Pid;
        ParentId = (int)process.Parent;
        UserId = process.User;
        CGroupId = process.Cgroup;
        CGroupPath = path;
        Command = process.Comm.ToString();
    }

    /// <summary>What happened.</summary>
    public ProcessEventKind Kind { get; }

    /// <summary>When it happened: CLOCK_BOOTTIME in nanoseconds.</summary>
    public long TimeNs { get; }

    /// <summary>The process, by its ID in the first PID namespace.</summary>
    public int ProcessId { get; }

    /// <summary>Its parent, by its ID in the first PID namespace.</summary>
    public int ParentId { get; }

    /// <summary>The user that the process runs as, by its ID in the first user namespace.</summary>
    public uint UserId { get; }

    /// <summary>The process's cgroup: the inode number of its folder, in the hierarchy of cpuacct (v1) or the unified one.</summary>
    public ulong CGroupId { get; }

    /// <summary>The path of its cgroup; null when the folder is gone or no hierarchy is mounted.</summary>
    public string? CGroupPath { get; }

    /// <summary>The name of its first thread, at most 15 bytes.</summary>
    public string Command { get; }

    /// <summary>The executed file as exec was given it, at most 255 bytes; null when the process ended.</summary>
    public string? File { get; private init; }

    /// <summary>The arguments, with the program's name as the first; null when the process ended, when <see cref="ProcessMonitorOptions.Arguments"/> is not set, or when they could not be read.</summary>
    public IReadOnlyList<string>? Arguments { get; private init; }

    /// <summary>True when the arguments are longer than 2,048 bytes, and only the first of them are in <see cref="Arguments"/>.</summary>
    public bool IsCut { get; private init; }

    /// <summary>The exit code of the process that ended; null when a signal ended it, and for an executed program.</summary>
    public int? ExitCode { get; private init; }

    /// <summary>The signal that ended the process; null when none did.</summary>
    public int? Signal { get; private init; }

    /// <summary>How long the process that ended had existed; null for an executed program.</summary>
    public TimeSpan? Life { get; private init; }

    /// <summary>The CPU time of the process that ended, as far as the scheduler had charged it: up to a timer tick of its last threads may be missing. Null for an executed program.</summary>
    public TimeSpan? CpuTime { get; private init; }

    /// <summary>The peak of resident memory of the process that ended, in bytes (see <see cref="ProcessReading.PeakMemory"/>); null for an executed program.</summary>
    public long? PeakMemory { get; private init; }

    internal static ProcessEvent Of(in ProcessSkeleton.ProcessEvent record, Func<ulong, string?> pathOf)
    {
        if (record.TryGet(out ProcessSkeleton.ExitEvent exit))
        {
            int signal = (int)exit.Status & 0x7f;
            return new ProcessEvent(ProcessEventKind.Exit, exit.Process, pathOf(exit.Process.Cgroup))
            {
                ExitCode = signal == 0 ? (int)(exit.Status >> 8) & 0xff : null,
                Signal = signal == 0 ? null : signal,
                Life = Nanoseconds(exit.LifeNs),
                CpuTime = Nanoseconds(exit.CpuNs),
                PeakMemory = (long)exit.PeakBytes,
            };
        }

        if (record.TryGet(out ProcessSkeleton.ExecWithArgumentsEvent full))
        {
            ReadOnlySpan<byte> arguments = full.Arguments;
            return new ProcessEvent(ProcessEventKind.Exec, full.Process, pathOf(full.Process.Cgroup))
            {
                File = full.File.ToString(),
                Arguments = full.Length == 0 ? null : Split(arguments[..(int)Math.Min(full.Length, (uint)arguments.Length)]),
                IsCut = full.IsCut != 0,
            };
        }

        _ = record.TryGet(out ProcessSkeleton.ExecEvent exec);
        return new ProcessEvent(ProcessEventKind.Exec, exec.Process, pathOf(exec.Process.Cgroup)) { File = exec.File.ToString() };
    }

    /// <summary>Splits arguments, each of which ends with a zero byte, the last one unless it was cut.</summary>
    internal static IReadOnlyList<string> Split(ReadOnlySpan<byte> arguments)
    {
        var split = new List<string>();
        while (!arguments.IsEmpty)
        {
            int end = arguments.IndexOf((byte)0);
            split.Add(Encoding.UTF8.GetString(end < 0 ? arguments : arguments[..end]));
            arguments = end < 0 ? default : arguments[(end + 1)..];
        }

        return split;
    }

    private static TimeSpan Nanoseconds(ulong ns) => TimeSpan.FromTicks((long)ns / TimeSpan.NanosecondsPerTick);
}
