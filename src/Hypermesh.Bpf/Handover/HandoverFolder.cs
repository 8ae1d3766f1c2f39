using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Handover;

/// <summary>A folder of the BPF file system that this process has alone. All names are resolved in the folder that was opened, whatever happens to its path.</summary>
internal sealed unsafe class HandoverFolder : IDisposable
{
    private const string ManifestPin = "manifest";
    private const long BpfFileSystem = 0xcafe4a11;
    private const int RoomForManifest = 512 * 1024;

    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(5);

    private readonly IKernel _kernel;
    private readonly BpfHandle _directory;
    private byte[]? _buffer;
    private BpfMapHandle? _manifest;

    private HandoverFolder(IKernel kernel, string path, BpfHandle directory)
    {
        _kernel = kernel;
        Path = path;
        _directory = directory;
    }

    /// <summary>The path, for messages.</summary>
    internal string Path { get; }

    /// <summary>Opens the folder, and waits for another process that has it.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="handover">The folder, and how long to wait.</param>
    /// <param name="creates">Whether to create it if it is missing.</param>
    /// <exception cref="BpfException">Another process has it, or it is not in a BPF file system.</exception>
    internal static HandoverFolder Open(IKernel kernel, BpfHandover handover, bool creates)
    {
        string path = System.IO.Path.GetFullPath(handover.Folder);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            HandoverFolder folder = OpenPath(kernel, path, creates);
            try
            {
                folder.Lock(handover.Wait, waited);
                if (!folder.IsRemoved())
                {
                    return folder;
                }
            }
            catch
            {
                folder.Dispose();
                throw;
            }

            // The process that had it has removed it.
            folder.Dispose();
        }
    }

    private void Lock(TimeSpan wait, Stopwatch waited)
    {
        using HandleUse use = _directory.Use();
        long result;
        while ((result = _kernel.Lock(use.Descriptor)) is -Errno.EAGAIN or -Errno.EINTR)
        {
            if (waited.Elapsed >= wait)
            {
                string after = wait == TimeSpan.Zero ? "" : $", also after {wait.TotalSeconds:0.#} s";
                throw new BpfException($"{Path} is in use{DescribeOwner()}{after}: end that process, or use another folder.", null, Path);
            }

            Thread.Sleep(s_period);
        }

        if (result < 0)
        {
            throw KernelErrors.Of(_kernel, "flock", result, $"Locking {Path}", Capabilities.None);
        }
    }

    private void Unlock()
    {
        if (!_directory.IsClosed)
        {
            using HandleUse use = _directory.Use();
            _kernel.Unlock(use.Descriptor);
        }
    }

    private bool IsRemoved()
    {
        using HandleUse use = _directory.Use();
        return _kernel.IsRemoved(use.Descriptor);
    }

    /// <summary>Opens a folder without its lock, to look at it.</summary>
    internal static HandoverFolder Look(IKernel kernel, string path) => OpenPath(kernel, System.IO.Path.GetFullPath(path), creates: false);

    /// <summary>Reads the manifest; null if there is none.</summary>
    /// <exception cref="BpfException">It cannot be read, or is of a newer version.</exception>
    internal HandoverManifest? Read()
    {
        BpfHandle? handle = TryOpen(ManifestPin);
        if (handle is null)
        {
            return null;
        }

        _manifest = MapDescriptions.Describe(handle, "hm_manifest", null, $"{Path}/{ManifestPin}");
        if (_manifest is not { Type: BpfMapType.Array, KeySize: sizeof(int), ValueSize: RoomForManifest })
        {
            throw Unreadable("it is not what this SDK writes");
        }

        byte[] bytes = new byte[RoomForManifest];
        int key = 0;
        fixed (byte* into = bytes)
        {
            long result = MapCalls.Lookup(_manifest, &key, into);
            if (result < 0)
            {
                throw MapElementErrors.Of(_manifest, BpfCommand.MapLookupElement, result, $"Reading the manifest of {Path}");
            }
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        try
        {
            HandoverManifest? manifest = length is > 0 and <= RoomForManifest - sizeof(int) ? JsonSerializer.Deserialize(bytes.AsSpan(sizeof(int), length), HandoverJson.Default.HandoverManifest) : null;
            return manifest switch
            {
                null => throw Unreadable("it is empty"),
                { Format: not HandoverManifest.CurrentFormat } => throw Unreadable($"its format is {manifest.Format}, and this version of the SDK knows {HandoverManifest.CurrentFormat}"),
                _ => manifest,
            };
        }
        catch (JsonException)
        {
            throw Unreadable("it is damaged");
        }
    }

    /// <summary>Writes the manifest, in one call that the kernel does not interrupt.</summary>
    internal void Write(HandoverManifest manifest)
    {
        byte[] bytes = _buffer ??= new byte[RoomForManifest], json = JsonSerializer.SerializeToUtf8Bytes(manifest, HandoverJson.Default.HandoverManifest);
        if (json.Length > RoomForManifest - sizeof(int))
        {
            throw new BpfException($"The manifest of {Path} has {json.Length} bytes, and there is room for {RoomForManifest - sizeof(int)}: hand over an object with fewer tagged members, and with smaller data sections that have tagged variables.", manifest.Object, Path);
        }

        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, sizeof(int));
        bool isNew = _manifest is null;
        _manifest ??= MapCreator.Create(_kernel, new BpfMapDefinition("hm_manifest", BpfMapType.Array, sizeof(int), RoomForManifest, 1));
        int key = 0;
        fixed (byte* from = bytes)
        {
            long result = MapCalls.Update(_manifest, &key, from, UpdateMode.Any);
            if (result < 0)
            {
                throw MapElementErrors.Of(_manifest, BpfCommand.MapUpdateElement, result, $"Writing the manifest of {Path}");
            }
        }

        if (isNew)
        {
            Pin(ManifestPin, _manifest.Created, "the manifest");
        }
    }

    /// <summary>Pins an object under a name.</summary>
    internal void Pin(string name, BpfHandle handle, string what)
    {
        using HandleUse use = _directory.Use();
        string path = PathOf(use, name);
        long result = ObjectPins.TryPin(handle, path);
        if (result < 0)
        {
            throw ObjectPins.Refused(_kernel, BpfCommand.ObjectPin, result, $"Pinning {what} at {Path}/{name}", $"{Path}/{name}", null, name);
        }
    }

    /// <summary>Opens a pin; null if there is none with that name.</summary>
    internal BpfHandle? TryOpen(string name)
    {
        using HandleUse use = _directory.Use();
        string path = PathOf(use, name);
        return ObjectPins.TryOpen(_kernel, path, out long result)
            ?? (result == -Errno.ENOENT ? null : throw ObjectPins.Refused(_kernel, BpfCommand.ObjectGet, result, $"Opening the pin {Path}/{name}", $"{Path}/{name}", null, name));
    }

    /// <summary>Removes a pin, if it is there.</summary>
    internal void Remove(string name)
    {
        using HandleUse use = _directory.Use();
        long result = _kernel.Unlink(PathOf(use, name));
        if (result is < 0 and not -Errno.ENOENT)
        {
            throw KernelErrors.Of(_kernel, "unlink", result, $"Removing the pin {Path}/{name}", Capabilities.None, null, name);
        }
    }

    internal bool HasManifest
    {
        get
        {
            using BpfHandle? handle = TryOpen(ManifestPin);
            return handle is not null;
        }
    }

    /// <summary>The names of all pins except the manifest.</summary>
    internal IReadOnlyList<string> Names()
    {
        using HandleUse use = _directory.Use();
        return [.. _kernel.Entries(use.Descriptor).Where(static name => name != ManifestPin).Order(StringComparer.Ordinal)];
    }

    /// <summary>Removes all pins of a manifest, links first, then the manifest and the folder, which stays if something else is in it.</summary>
    internal void Clear(HandoverManifest manifest)
    {
        // Without all pins it is of no use to a successor.
        Write(manifest with { IsComplete = false });
        foreach (HandoverPin pin in manifest.Pins.OrderByDescending(static pin => pin.Kind))
        {
            Remove(pin.Pin);
        }

        Remove(ManifestPin);
        _manifest?.Dispose();
        _manifest = null;
    }

    /// <summary>Removes everything that is pinned, links first by their names.</summary>
    internal void ClearAll()
    {
        foreach (string name in Names().OrderByDescending(static name => name.StartsWith("link_", StringComparison.Ordinal)))
        {
            Remove(name);
        }

        Remove(ManifestPin);
    }

    /// <summary>Removes the folder, if it is empty.</summary>
    internal void RemoveSelf()
    {
        if (!IsRemoved())
        {
            // It stays if something else is in it.
            _kernel.RemoveDirectory(Path);
        }
    }

    /// <summary>Gives up the lock.</summary>
    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(_manifest);
        teardown.Do(this, static folder => folder.Unlock());
        teardown.End(_directory);
        teardown.Report();
    }

    private static HandoverFolder OpenPath(IKernel kernel, string path, bool creates)
    {
        if (creates)
        {
            Create(kernel, path);
        }

        long descriptor = kernel.Open(path, FileFlags.Directory | FileFlags.CloseOnExec);
        if (creates && descriptor == -Errno.ENOENT)
        {
            throw Outside(path);
        }

        if (descriptor < 0)
        {
            throw KernelErrors.Of(kernel, "open", descriptor, $"Opening the folder {path}", Capabilities.None, null, path);
        }

        var directory = new BpfHandle(kernel, descriptor) { Subject = $"folder {path}" };
        using HandleUse use = directory.Use();
        if (kernel.FileSystemOf(use.Descriptor) == BpfFileSystem)
        {
            return new HandoverFolder(kernel, path, directory);
        }

        directory.Dispose();
        throw Outside(path);
    }

    private static BpfException Outside(string path)
        => new($"{path} is not in a BPF file system: mount one (mount -t bpf bpf {ObjectPins.DefaultRoot}), or use a path in one.", null, path);

    // Nothing is created outside of a BPF file system but the directory that it is mounted at.
    private static void Create(IKernel kernel, string path)
    {
        if (path.StartsWith(ObjectPins.DefaultRoot + "/", StringComparison.Ordinal) && !IsBpf(kernel, ObjectPins.DefaultRoot))
        {
            kernel.MountFileSystem(ObjectPins.DefaultRoot);
        }

        List<string> missing = [];
        string? parent = path;
        while (parent is not null && kernel.FileAccess(parent, out _) == -Errno.ENOENT)
        {
            missing.Add(parent);
            parent = System.IO.Path.GetDirectoryName(parent);
        }

        if (missing.Count > 0 && parent is not null && IsBpf(kernel, parent))
        {
            for (int i = missing.Count - 1; i >= 0; i--)
            {
                kernel.MakeDirectory(missing[i]);
            }
        }
    }

    private static bool IsBpf(IKernel kernel, string path)
    {
        long descriptor = kernel.Open(path, FileFlags.Directory | FileFlags.CloseOnExec);
        if (descriptor < 0)
        {
            return false;
        }

        bool isBpf = kernel.FileSystemOf((int)descriptor) == BpfFileSystem;
        kernel.Close((int)descriptor);
        return isBpf;
    }

    private static string PathOf(in HandleUse use, string name) => $"/proc/self/fd/{use.Descriptor}/{name}";

    private string DescribeOwner()
    {
        try
        {
            return Read() is { Owner: var owner } ? $" by process {owner.Process} ({owner.Name})" : " by another process";
        }
        catch (BpfException)
        {
            return " by another process";
        }
    }

    private BpfException Unreadable(string why)
        => new($"The manifest of {Path} cannot be read: {why}. Remove what lies there (hmbpf pin clean {Path} --force), which detaches its programs, or use another folder.", null, Path);
}
