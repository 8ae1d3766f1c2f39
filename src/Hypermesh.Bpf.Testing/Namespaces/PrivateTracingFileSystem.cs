using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// The kernel's tracing file system for tests, mounted in a private mount namespace at <c>/sys/kernel/tracing</c>, where classic tracepoints and probes of older kernels need it. Use it
/// where it is not mounted, as in most containers. Its content belongs to the kernel, so the whole machine sees events that are created in it. It requires CAP_SYS_ADMIN.
/// </summary>
public sealed class PrivateTracingFileSystem : PrivateNamespace
{
    private const string Place = "/sys/kernel/tracing";

    /// <summary>Mounts it, unless it is already mounted.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refused the namespace.</exception>
    /// <exception cref="InvalidOperationException">It could not be mounted: the kernel may have no tracing.</exception>
    public PrivateTracingFileSystem()
        : base(NamespaceThread.Mounts, "private tracing file system")
    {
        SetUp(static () =>
        {
            MountFolder.KeepPrivate();
            if (!IsMounted())
            {
                Command.Run("mount", "-t", "tracefs", "tracefs", Place);
            }
        });
    }

    private static bool IsMounted() => File.ReadLines("/proc/thread-self/mounts").Select(static line => line.Split(' ')).Any(static fields => fields[1] == Place && fields[2] == "tracefs");
}
