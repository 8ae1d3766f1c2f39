namespace Hypermesh.Bpf;

/// <summary>Why a bpffs gives no token: what each errno of <c>BPF_TOKEN_CREATE</c> means.</summary>
internal static class TokenErrors
{
    private static readonly Dictionary<int, string> s_advice = new()
    {
        [Errno.EOPNOTSUPP] = "The process runs in the machine's own user namespace, where a token has no use: load without one.",
        [Errno.ENOENT] = "Nothing is delegated to this bpffs: mount it with delegate_cmds, delegate_maps, delegate_progs and delegate_attachs, from outside the user namespace.",
        [Errno.EPERM] = "The bpffs belongs to another user namespace, or the process lacks CAP_BPF in its own.",
        [Errno.EACCES] = "The process may not open the root of this bpffs: its mode keeps it out.",
    };

    internal static BpfSyscallException Of(IKernel kernel, string path, long result)
    {
        string what = $"Making a BPF token of {path}";
        return s_advice.TryGetValue((int)-result, out string? advice)
            ? KernelErrors.Refused(BpfRefusal.KernelPolicy, advice, BpfCommand.TokenCreate, result, what, objectName: null, subjectName: null)
            : result == -Errno.EINVAL
                ? new BpfFeatureNotSupportedException(
                    "A BPF token of " + path, "Linux 6.9, and a bpffs at that path", "BPF_TOKEN_CREATE", BpfCommand.TokenCreate, Errno.EINVAL, null, null)
                : KernelErrors.Of(kernel, BpfCommand.TokenCreate, result, what);
    }
}
