using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>
/// A BPF token (6.9): the permission to use BPF in a user namespace, as far as the administrator of the machine delegated it to a bpffs mounted there
/// (<c>delegate_cmds</c>, <c>delegate_maps</c>, <c>delegate_progs</c>, <c>delegate_attachs</c>). Set it in <see cref="BpfLoadOptions.Token"/>; the code that opens it disposes it.
/// Objects loaded with it do not need it afterwards.
/// </summary>
public sealed class BpfToken : IDisposable
{
    /// <summary>The usual mount point of a bpffs.</summary>
    public const string DefaultPath = "/sys/fs/bpf";

    /// <summary>The environment variable that names another bpffs, as in libbpf.</summary>
    public const string PathVariable = "LIBBPF_BPF_TOKEN_PATH";

    private readonly BpfHandle _handle;

    private BpfToken(string path, BpfHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>The path of its bpffs.</summary>
    public string Path { get; }

    /// <summary>The descriptor, for calls that this SDK does not provide.</summary>
    public SafeHandle Handle => _handle;

    internal BpfHandle Permission => _handle;

    /// <summary>Creates a token from a bpffs. Needs CAP_BPF within the process's user namespace, which must be the one that the bpffs belongs to.</summary>
    /// <param name="path">The mount point of the bpffs.</param>
    /// <returns>The token.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel does not support tokens (before 6.9).</exception>
    /// <exception cref="BpfPermissionException">This bpffs delegates nothing, or not to this process.</exception>
    /// <exception cref="BpfSyscallException">There is no bpffs at that path.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfToken Open(string path = DefaultPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("BPF tokens are supported only on Linux.");
        }

        return Open(LinuxKernel.Instance, path);
    }

    /// <summary>Closes the token.</summary>
    public void Dispose() => _handle.Dispose();

    internal static BpfToken Open(IKernel kernel, string path)
    {
        long result = TryOpen(kernel, path, out bool isFileSystem);
        return result >= 0
            ? new BpfToken(path, new BpfHandle(kernel, result))
            : throw (isFileSystem ? TokenErrors.Of(kernel, path, result) : KernelErrors.Of(kernel, "open", result, $"Opening the bpffs at {path} for a BPF token"));
    }

    /// <summary>
    /// The token of a load that does not set one: none in the initial user namespace, which does not need one. In another, that of the bpffs that the environment names, or of
    /// the usual one if it delegates anything.
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

/// <summary>Explains why a token cannot be created: the meaning of each errno of <c>BPF_TOKEN_CREATE</c>.</summary>
internal static class TokenErrors
{
    private static readonly Dictionary<int, string> s_advice = new()
    {
        [Errno.EOPNOTSUPP] = "The process runs in the initial user namespace, where tokens are not supported and not needed: load without one.",
        [Errno.ENOENT] = "Nothing is delegated to this bpffs: mount it with delegate_cmds, delegate_maps, delegate_progs and delegate_attachs, from outside the user namespace.",
        [Errno.EPERM] = "The bpffs belongs to another user namespace, or the process lacks CAP_BPF in its own: use a bpffs of the process's user namespace, and give the process CAP_BPF there.",
        [Errno.EACCES] = "The process has no permission to open the root of this bpffs: change its mode or owner.",
    };

    internal static BpfSyscallException Of(IKernel kernel, string path, long result)
    {
        string what = $"Creating a BPF token from {path}";
        return s_advice.TryGetValue((int)-result, out string? advice)
            ? KernelErrors.Refused(BpfRefusal.KernelPolicy, advice, BpfCommand.TokenCreate, result, what, objectName: null, subjectName: null)
            : result == -Errno.EINVAL
                ? new BpfFeatureNotSupportedException(
                    "A BPF token of " + path, "Linux 6.9, and a bpffs at that path", "BPF_TOKEN_CREATE", BpfCommand.TokenCreate, Errno.EINVAL, null, null)
                : KernelErrors.Of(kernel, BpfCommand.TokenCreate, result, what);
    }
}
