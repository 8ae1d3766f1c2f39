namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>Whether this process is in the machine's own PID namespace. The programs in the kernel always see the machine's PIDs.</summary>
internal static class PidNamespace
{
    // PROC_PID_INIT_INO of linux/proc_ns.h: the same on all kernels.
    private const string OfTheMachine = "pid:[4026531836]";

    /// <summary>Says that PIDs of events are not those of this process; null in the machine's own namespace, or where it is not known.</summary>
    /// <param name="procFs">Where the procfs that the monitors read is mounted.</param>
    internal static string? Note(string procFs) => NamespaceOf("/proc/self") is not { } own || own == OfTheMachine ? null
        : NamespaceOf(Path.Combine(procFs, "1")) == OfTheMachine
            ? "This process is in a PID namespace of its own and reads the machine's procfs: PIDs are the machine's."
            : "This process is in a PID namespace of its own: PIDs of events are the machine's, and /proc shows only the processes of the namespace. Mount the machine's procfs and name it with --procfs.";

    private static string? NamespaceOf(string process)
    {
        try
        {
            return new FileInfo(process + "/ns/pid").LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
