using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// The control groups of version 2 for tests: mounted at <see cref="Path"/> in a mount namespace of its own, wherever the machine has them and even where it has mounted none. The groups
/// are the machine's: make one below <see cref="Path"/>, attach to that one only, and remove it. It requires CAP_SYS_ADMIN.
/// </summary>
public sealed class PrivateControlGroups : PrivateNamespace
{
    /// <summary>Mounts them.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refused the namespace.</exception>
    /// <exception cref="InvalidOperationException">They could not be mounted: the kernel may have no control groups of version 2.</exception>
    public PrivateControlGroups()
        : base(NamespaceThread.Mounts, "private control groups")
    {
        Path = Directory.CreateTempSubdirectory("hypermesh-cgroup2-").FullName;
        try
        {
            Run(() =>
            {
                Command.Run("mount", "--make-rprivate", "/");
                Command.Run("mount", "-t", "cgroup2", "none", Path);
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the root group is, seen from within <see cref="PrivateNamespace.Run(Action)"/>; open a group below it with <see cref="ControlGroup.Open(string)"/>.</summary>
    public string Path { get; }

    /// <summary>Ends the thread, and with it the mount. Groups that were made stay until they are removed.</summary>
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
