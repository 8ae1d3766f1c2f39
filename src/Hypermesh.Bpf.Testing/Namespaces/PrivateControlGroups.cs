using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// The control groups of version 2 for tests, mounted at <see cref="Path"/> in a private mount namespace, wherever the machine has mounted them and even where it has not. The groups
/// are those of the machine: create one below <see cref="Path"/>, attach only to that one, and remove it. It requires CAP_SYS_ADMIN.
/// </summary>
public sealed class PrivateControlGroups : PrivateNamespace
{
    private readonly MountFolder _folder;

    /// <summary>Mounts the control groups.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refused the namespace.</exception>
    /// <exception cref="InvalidOperationException">They could not be mounted: the kernel may have no control groups of version 2.</exception>
    public PrivateControlGroups()
        : base(NamespaceThread.Mounts, "private control groups")
    {
        _folder = new MountFolder("hypermesh-cgroup2-");
        SetUp(() => _folder.Mount("cgroup2", "none"));
    }

    /// <summary>The path of the root group within <see cref="PrivateNamespace.Run(Action)"/>; open a group below it with <see cref="ControlGroup.Open(string)"/>.</summary>
    public string Path => _folder.Path;

    /// <summary>Ends the thread, and with it the mount. Groups that were created stay until they are removed.</summary>
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
