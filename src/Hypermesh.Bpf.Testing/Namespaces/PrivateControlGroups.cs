using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// The control groups of version 2 for tests, mounted at <see cref="Path"/> in a private mount namespace, wherever the machine has mounted them and even where it has not. The groups
/// are those of the machine: create one below <see cref="Path"/>, attach only to that one, and remove it. It requires CAP_SYS_ADMIN.
/// </summary>
public sealed class PrivateControlGroups : PrivateNamespace
{
    /// <summary>Mounts the control groups.</summary>
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

    /// <summary>The path of the root group within <see cref="PrivateNamespace.Run(Action)"/>; open a group below it with <see cref="ControlGroup.Open(string)"/>.</summary>
    public string Path { get; }

    /// <summary>Ends the thread, and with it the mount. Groups that were created stay until they are removed.</summary>
    public override void Dispose()
    {
        try
        {
            base.Dispose();
        }
        finally
        {
            // A second call does nothing.
            if (Directory.Exists(Path))
            {
                Directory.Delete(Path);
            }
        }
    }
}
