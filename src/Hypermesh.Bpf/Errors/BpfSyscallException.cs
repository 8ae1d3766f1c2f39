namespace Hypermesh.Bpf;

/// <summary>The kernel refused a call. The types derived from this one say why, where that can be found out.</summary>
public class BpfSyscallException : BpfException
{
    internal BpfSyscallException(string message, string operation, BpfCommand? command, int errno, string? objectName = null, string? subjectName = null)
        : base(message, objectName, subjectName)
    {
        Operation = operation;
        Command = command;
        Errno = errno;
    }

    /// <summary>The system call, or the command of <c>bpf(2)</c> in the kernel's spelling.</summary>
    public string Operation { get; }

    /// <summary>The command of <c>bpf(2)</c>, null when another system call failed.</summary>
    public BpfCommand? Command { get; }

    /// <summary>The error number, positive, as in errno(3).</summary>
    public int Errno { get; }
}
