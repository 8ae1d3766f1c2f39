namespace Hypermesh.Bpf;

/// <summary>What an answer of the kernel's to a trial means.</summary>
internal static class FeatureAnswer
{
    // Refusals that say nothing of what the kernel has: rights, memory, descriptors, signals.
    private static readonly HashSet<int> s_refusals = [Errno.EPERM, Errno.EACCES, Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE, Errno.EAGAIN, Errno.EINTR];

    /// <param name="result">At least 0, or the negative errno.</param>
    internal static (BpfFeatureState State, string Detail) Read(long result)
    {
        int errno = (int)-result;
        return result >= 0
            ? (BpfFeatureState.Supported, "")
            : (s_refusals.Contains(errno) ? BpfFeatureState.Refused : BpfFeatureState.Absent, $"{Errno.Name(errno)}: {Errno.Describe(errno)}");
    }
}
