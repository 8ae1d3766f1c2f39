using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>
/// A BPF token (6.9): the permission to use BPF in a user namespace, as far as the owner of the machine delegated it to a bpffs mounted there
/// (<c>delegate_cmds</c>, <c>delegate_maps</c>, <c>delegate_progs</c>, <c>delegate_attachs</c>). Give it to <see cref="BpfLoadOptions.Token"/>; whoever opens it disposes it.
/// What was loaded with it stays loaded without it.
/// </summary>
public sealed class BpfToken : IDisposable
{
    /// <summary>Where a bpffs is mounted by custom.</summary>
    public const string DefaultPath = "/sys/fs/bpf";

    /// <summary>The environment variable that names another bpffs, as libbpf has it.</summary>
    public const string PathVariable = "LIBBPF_BPF_TOKEN_PATH";

    private readonly BpfHandle _handle;

    private BpfToken(string path, BpfHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>The bpffs it is of.</summary>
    public string Path { get; }

    /// <summary>The descriptor, for calls this SDK does not make.</summary>
    public SafeHandle Handle => _handle;

    internal BpfHandle Permission => _handle;

    /// <summary>Makes a token of a bpffs. Needs CAP_BPF within the process's user namespace, which must be the one the bpffs belongs to.</summary>
    /// <param name="path">Where the bpffs is mounted.</param>
    /// <returns>The token.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel has no tokens (before 6.9).</exception>
    /// <exception cref="BpfPermissionException">This bpffs delegates nothing, or not to this process.</exception>
    /// <exception cref="BpfSyscallException">There is no bpffs at that path.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfToken Open(string path = DefaultPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("BPF tokens are Linux's.");
        }

        return Open(LinuxKernel.Instance, path);
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => _handle.Dispose();

    internal static BpfToken Open(IKernel kernel, string path)
    {
        long result = TryOpen(kernel, path, out bool isFileSystem);
        return result >= 0
            ? new BpfToken(path, new BpfHandle(kernel, result))
            : throw (isFileSystem ? TokenErrors.Of(kernel, path, result) : KernelErrors.Of(kernel, "open", result, $"Opening the bpffs at {path} for a BPF token"));
    }

    /// <summary>
    /// The token a load takes without being told: none outside of user namespaces, which have no use for one. In one, that of the bpffs the environment names, or of
    /// the customary one where it has any to give.
    /// </summary>
    internal static BpfToken? OpenImplicit(IKernel kernel)
    {
        if (!ProcessPrivileges.IsInUserNamespace(kernel))
        {
            return null;
        }

        if (Environment.GetEnvironmentVariable(PathVariable) is { } named)
        {
            return named.Length == 0 ? null : Open(kernel, named);
        }

        long result = TryOpen(kernel, DefaultPath, out _);
        return result >= 0 ? new BpfToken(DefaultPath, new BpfHandle(kernel, result)) : null;
    }

    private static unsafe long TryOpen(IKernel kernel, string path, out bool isFileSystem)
    {
        long opened = kernel.Open(path, FileFlags.Directory | FileFlags.CloseOnExec);
        isFileSystem = opened >= 0;
        if (!isFileSystem)
        {
            return opened;
        }

        using var directory = new BpfHandle(kernel, opened);
        TokenCreateAttr attributes = default;
        attributes.BpffsFd = (uint)opened;
        return kernel.Bpf(BpfCommand.TokenCreate, &attributes, (uint)sizeof(TokenCreateAttr));
    }
}

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
