using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// A BPF file system for tests, mounted in a private mount namespace: the machine does not see the pins of a test, and a test does not see those of the machine. It requires
/// CAP_SYS_ADMIN.
/// </summary>
public sealed class PrivateBpfFileSystem : PrivateNamespace
{
    private readonly MountFolder _folder;

    /// <summary>Mounts it.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refused the namespace.</exception>
    /// <exception cref="InvalidOperationException">It could not be mounted.</exception>
    public PrivateBpfFileSystem()
        : base(NamespaceThread.Mounts, "private BPF file system")
    {
        _folder = new MountFolder("hypermesh-bpffs-");
        SetUp(() => _folder.Mount("bpf", "bpf"));
    }

    /// <summary>Its mount point within <see cref="PrivateNamespace.Run(Action)"/>; pass it to <see cref="BpfLoadOptions.PinRoot"/>.</summary>
    public string Path => _folder.Path;

    /// <summary>Ends the thread, and with it the mount and all pins.</summary>
    public override void Dispose()
    {
        try
        {
            base.Dispose();
        }
        finally
        {
            _folder.Dispose();
        }
    }
}
