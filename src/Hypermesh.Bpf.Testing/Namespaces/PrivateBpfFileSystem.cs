using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// A BPF file system for tests: mounted in a mount namespace of its own, so that no pin of a test is ever seen on the machine, and none of the machine's by a test. It takes
/// CAP_SYS_ADMIN.
/// </summary>
public sealed class PrivateBpfFileSystem : PrivateNamespace
{
    /// <summary>Mounts it.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refused the namespace.</exception>
    /// <exception cref="InvalidOperationException">It could not be mounted.</exception>
    public PrivateBpfFileSystem()
        : base(NamespaceThread.Mounts, "private BPF file system")
    {
        Path = Directory.CreateTempSubdirectory("hypermesh-bpffs-").FullName;
        try
        {
            Run(() =>
            {
                Command.Run("mount", "--make-rprivate", "/");
                Command.Run("mount", "-t", "bpf", "bpf", Path);
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it is mounted, seen from within <see cref="PrivateNamespace.Run(Action)"/>; give it to <see cref="BpfLoadOptions.PinRoot"/>.</summary>
    public string Path { get; }

    /// <summary>Ends the thread, and with it the mount and all pins.</summary>
    public override void Dispose()
    {
        try
        {
            base.Dispose();
        }
        finally
        {
            Directory.Delete(Path);
        }
    }
}
