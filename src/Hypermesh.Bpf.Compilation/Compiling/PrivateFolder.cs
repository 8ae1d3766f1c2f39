using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation.Compiling;

/// <summary>
/// The folder of one compilation: the C, the headers beside it and those of the SDK, and a folder for what clang writes, which alone belongs to clang's user. It is removed as a whole.
/// </summary>
internal sealed class PrivateFolder : IDisposable
{
    internal const string SdkFolder = "sdk-include";

    private const string OutputPrefix = "out-";
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Traversable = Owner | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private PrivateFolder(string path, bool dropsUser)
    {
        Path = path;
        // A name that nobody can guess: others of clang's user could write to it too.
        Output = System.IO.Path.Combine(path, OutputPrefix + Guid.NewGuid().ToString("N"));
        File.SetUnixFileMode(path, dropsUser ? Traversable : Owner);
        Directory.CreateDirectory(Output, Owner);
        if (dropsUser && SandboxCalls.ChangeOwner(Output, SandboxPolicy.Nobody, SandboxPolicy.Nobody) is < 0 and int failed)
        {
            throw new IOException($"{Output} cannot be given to the sandbox's user: {Interop.Errno.Name(-failed)}");
        }
    }

    internal string Path { get; }

    /// <summary>The folder that clang writes to.</summary>
    internal string Output { get; }

    internal string Sdk => System.IO.Path.Combine(Path, SdkFolder);

    /// <summary>Creates it where the sandbox's user can reach it.</summary>
    /// <exception cref="IOException">There is no such place.</exception>
    internal static PrivateFolder Create(bool dropsUser)
    {
        string parent = Parents().FirstOrDefault(folder => Directory.Exists(folder) && (!dropsUser || IsReachable(folder)))
            ?? throw new IOException("no folder for temporary files (TMPDIR, /tmp, /var/tmp) can be entered by the sandbox's user: make one of them mode 1777.");
        string path = System.IO.Path.Combine(parent, "hypermesh-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(path, Owner);
        try
        {
            return new PrivateFolder(path, dropsUser);
        }
        catch
        {
            Directory.Delete(path, recursive: true);
            throw;
        }
    }

    /// <summary>Writes a file that clang can read and not change.</summary>
    internal void Write(string name, ReadOnlySpan<byte> contents)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        for (string? folder = System.IO.Path.GetDirectoryName(path); folder != Path; folder = System.IO.Path.GetDirectoryName(folder))
        {
            File.SetUnixFileMode(folder!, Traversable | UnixFileMode.OtherRead);
        }

        File.WriteAllBytes(path, contents);
        File.SetUnixFileMode(path, Readable);
    }

    /// <summary>Reads what clang wrote; null when it is not a plain file of at most that size.</summary>
    internal byte[]? ReadOutput(string name, long most)
    {
        string path = System.IO.Path.Combine(Output, name);
        return new FileInfo(path) is { Exists: true, LinkTarget: null } file && FileFacts.Of(path) is { IsRegular: true } && file.Length <= most ? File.ReadAllBytes(path) : null;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // What is left is in a folder for temporary files, and private.
        }
    }

    private static string[] Parents() => [System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetTempPath()), "/tmp", "/var/tmp"];

    private static bool IsReachable(string folder)
    {
        for (string? path = System.IO.Path.GetFullPath(folder); path is not null; path = System.IO.Path.GetDirectoryName(path))
        {
            if (FileFacts.Of(path) is not { IsTraversable: true })
            {
                return false;
            }
        }

        return true;
    }
}
