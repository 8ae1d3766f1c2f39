namespace Hypermesh.Bpf.Testing.Namespaces;

/// <summary>A temporary folder on which a private mount namespace mounts a file system.</summary>
internal sealed class MountFolder(string prefix) : IDisposable
{
    /// <summary>Its path, in every mount namespace.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory(prefix).FullName;

    /// <summary>Mounts a file system on it, in the mount namespace of the calling thread.</summary>
    public void Mount(string type, string source)
    {
        KeepPrivate();
        Command.Run("mount", "-t", type, source, Path);
    }

    /// <summary>Keeps later mounts in the mount namespace of the calling thread: the machine's mounts may be shared, and a new namespace inherits that.</summary>
    public static void KeepPrivate() => Command.Run("mount", "--make-rprivate", "/");

    /// <summary>Removes the folder. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path);
        }
    }
}
