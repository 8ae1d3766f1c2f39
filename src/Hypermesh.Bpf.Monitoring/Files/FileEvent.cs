using Hypermesh.Bpf.Monitoring.Files;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>An operation on a file.</summary>
public sealed class FileEvent
{
    private FileEvent(in FileSkeleton.EventFile file)
    {
        Operation = (FileOperation)file.Operation;
        Way = file.IsRing != 0 ? FileWay.IoUring : FileWay.SystemCall;
        TimeNs = (long)file.TimeNs;
        ProcessId = (int)file.Pid;
        ThreadId = (int)file.Tid;
        UserId = file.User;
        Command = file.Comm.ToString();
        Error = Way == FileWay.IoUring ? null : Math.Max(0, -file.Result);
    }

    /// <summary>The operation.</summary>
    public FileOperation Operation { get; }

    /// <summary>How it was asked for.</summary>
    public FileWay Way { get; }

    /// <summary>When a system call returned, or an operation was submitted to io_uring: CLOCK_BOOTTIME in nanoseconds.</summary>
    public long TimeNs { get; }

    /// <summary>The process, by its ID in the first PID namespace.</summary>
    public int ProcessId { get; }

    /// <summary>The thread.</summary>
    public int ThreadId { get; }

    /// <summary>The user that the process runs as, by its ID in the first user namespace.</summary>
    public uint UserId { get; }

    /// <summary>The name of the thread, at most 15 bytes.</summary>
    public string Command { get; }

    /// <summary>The path as the caller gave it, which may be relative to a folder, at most 255 bytes; empty when it could not be read.</summary>
    public string Path { get; private init; } = "";

    /// <summary>The new path; null unless the file was renamed.</summary>
    public string? NewPath { get; private init; }

    /// <summary>0, or the number of the error that the system call returned; null for io_uring, where it is not known when the operation is submitted.</summary>
    public int? Error { get; }

    internal static FileEvent Of(in FileSkeleton.FileEvent record)
    {
        if (record.TryGet(out FileSkeleton.TwoPathsEvent two))
        {
            return new FileEvent(two.File) { Path = two.Path.ToString(), NewPath = two.NewPath.ToString() };
        }

        _ = record.TryGet(out FileSkeleton.OnePathEvent one);
        return new FileEvent(one.File) { Path = one.Path.ToString() };
    }
}
