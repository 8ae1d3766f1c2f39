using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>
/// A handle of a map: its descriptor and the parameters it was created with. Typed maps are views of it; all views of a map share it. A handle of a live object belongs to
/// the object and is closed with it; a handle opened by ID, name or pin belongs to the caller. Using it after it is closed throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed class BpfMapHandle : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _dependents = [];
    private MapState _state;
    private IDisposable? _shared;
    private ShortCommands _short;
    private bool _disposed;

    internal BpfMapHandle(IKernel kernel, BpfMapDefinition definition, BpfHandle? handle, string? objectName = null)
    {
        Kernel = kernel;
        ObjectName = objectName;
        _state = new MapState(handle, definition, null);
    }

    /// <summary>The map's name in the object; the kernel keeps its first 15 bytes.</summary>
    public string Name => Definition.Name;

    /// <summary>The name of the object it belongs to; null for a map without an object.</summary>
    public string? ObjectName { get; }

    /// <summary>The type of map.</summary>
    public BpfMapType Type => Definition.Type;

    /// <summary>The size of a key in bytes; 0 for types without keys.</summary>
    public int KeySize => Definition.KeySize;

    /// <summary>The size of a value in bytes (on one CPU, for per-CPU types); 0 for types without values.</summary>
    public int ValueSize => Definition.ValueSize;

    /// <summary>The maximum number of entries; the size in bytes of a ring buffer.</summary>
    public uint MaxEntries => Definition.MaxEntries;

    /// <summary>The flags it was created with (<c>BPF_F_…</c>).</summary>
    public BpfMapFlags Flags => Definition.Flags;

    /// <summary>False if the spec leaves the map out: then it cannot be read or written.</summary>
    public bool IsCreated => State.Handle is not null;

    /// <summary>The kernel's ID of the map, as <c>bpftool map</c> shows it.</summary>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="ObjectDisposedException">The map is closed.</exception>
    public uint Id => ObjectInfo.Map(Created).Id;

    /// <summary>The descriptor, for calls that this SDK does not provide. This handle owns it.</summary>
    /// <exception cref="BpfException">The map was not created.</exception>
    public SafeHandle Handle => Created;

    internal IKernel Kernel { get; }

    /// <summary>What it refers to now: a hot reload changes all of it at once.</summary>
    internal MapState State => Volatile.Read(ref _state);

    internal BpfMapDefinition Definition => State.Definition;

    /// <summary>True once a first batch has shown that the kernel (before 5.6) or the map type does not support them.</summary>
    internal bool HasNoBatch { get; set; }

    /// <summary>The commands on one element that are short enough to run without a GC transition.</summary>
    internal ShortCommands ShortCommands
    {
        get
        {
            if (_short == default)
            {
                _short = ShortMapCalls.Of(Kernel, Definition) | ShortCommands.Decided;
            }

            return _short;
        }
    }

    /// <summary>The maps of other versions whose values are merged into what is read; null for none.</summary>
    internal EarlierMaps? Earlier => State.Earlier;

    internal BpfHandle Created => State.Created(ObjectName);

    /// <summary>Opens a map that is pinned in the BPF file system, from which a typed view can be created. The caller disposes it.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/counts</c>.</param>
    /// <remarks>Needs CAP_BPF, or unprivileged BPF and read and write permission for the file.</remarks>
    /// <exception cref="BpfSyscallException">There is nothing pinned there (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="BpfException">The pinned object is not a map.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfMapHandle OpenPinned(string path)
        => MapDescriptions.Describe(ObjectPins.Open(LinuxKernel.Instance, path, ObjectKind.Map), name: null, objectName: null, $"The object pinned at {path}");

    /// <summary>Opens a map by its ID. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="id">The kernel's ID of the map.</param>
    /// <returns>The map, from which a typed view can be created; the caller disposes it.</returns>
    /// <exception cref="BpfSyscallException">There is no map with that ID (ENOENT), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfMapHandle OpenId(uint id)
        => MapDescriptions.Describe(ObjectIds.Maps.Open(LinuxKernel.Instance, id), name: null, objectName: null, $"ID {id}");

    /// <summary>Opens a map by its name, of which the kernel keeps 15 bytes. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="name">The name in C.</param>
    /// <returns>The map, from which a typed view can be created; the caller disposes it.</returns>
    /// <exception cref="BpfException">There is no map with that name, or more than one; the message lists their IDs.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfMapHandle OpenName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return OpenId(OneOf.Name("map", name, BpfMapInfo.List().Where(info => KernelText.IsName(info.Name, name)).Select(static info => info.Id)));
    }

    /// <summary>Reads the kernel's information about the map.</summary>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The map is closed.</exception>
    public BpfMapInfo GetInfo() => new(ObjectInfo.Map(Created));

    /// <summary>Pins the map in the BPF file system (4.4), so that it outlives its object and other processes can open it. A missing directory is created.</summary>
    /// <param name="path">The path, such as <c>/sys/fs/bpf/counts</c>; its last part has no dot.</param>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: the path is taken; the message says by what. As <see cref="BpfPermissionException"/> if the path is not in a BPF file system.</exception>
    /// <exception cref="ObjectDisposedException">The map is closed.</exception>
    public void Pin(string path) => ObjectPins.Pin(Created, path, $"Pinning map {Name}", ObjectName, Name);

    /// <summary>Removes a pin from the BPF file system. The map stays as long as others have it open.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="BpfSyscallException">The pin does not exist (ENOENT), or cannot be removed.</exception>
    public void Unpin(string path) => ObjectPins.Remove(Kernel, path, $"Unpinning map {Name}", ObjectName, Name);

    /// <summary>Ends the map's readers and mappings, then closes the descriptor. Failures are thrown at the end.</summary>
    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.Do(this, static map => map.EndReaders());
        teardown.End(State.Handle);
        teardown.Report();
    }

    /// <summary>Ends long-lived readers: waiting readers return, mappings are unmapped after their last access. The descriptor stays open.</summary>
    internal void EndReaders()
    {
        IDisposable[] dependents;
        lock (_gate)
        {
            _disposed = true;
            dependents = [.. _dependents];
            _dependents.Clear();
        }

        var teardown = default(Teardown);
        foreach (IDisposable dependent in dependents)
        {
            teardown.End(dependent);
        }

        teardown.Report();
    }

    /// <summary>Freezes the map for user space (5.2): user space can no longer update or delete, but programs can still write. It cannot be undone.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBUSY: the map is mapped for writing; as <see cref="BpfPermissionException"/> if it is already frozen; ENOTSUPP: its values hold timers or locks.</exception>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="ObjectDisposedException">The map is closed.</exception>
    public unsafe void Freeze()
    {
        using HandleUse use = Use();
        MapElementAttr attributes = default;
        attributes.MapFd = (uint)use.Descriptor;
        long result = Kernel.Bpf(BpfCommand.MapFreeze, &attributes, (uint)sizeof(MapElementAttr));
        if (result < 0)
        {
            throw MapElementErrors.Of(this, BpfCommand.MapFreeze, result, $"Freezing map {Name}");
        }
    }

    /// <summary>Sets the maps of other versions; none for null.</summary>
    internal void Follow(EarlierMaps? earlier) => Become(State with { Earlier = earlier });

    /// <summary>Makes it refer to another map, whose keys and values have the same layout, and to other versions of it.</summary>
    internal void Become(MapState state)
    {
        _short = default;
        Volatile.Write(ref _state, state);
    }

    /// <summary>The map's name in ObjectDisposedException.</summary>
    internal static string SubjectOf(string name, string? objectName) => objectName is null ? $"map {name}" : $"map {name} of {objectName}";

    internal HandleUse Use() => Created.Use();

    /// <summary>
    /// Holds the object's types open for inner maps that are created later, because the loader closes its own descriptor of them.
    /// </summary>
    internal void KeepTypes(BpfHandle? types)
    {
        if (types is null || Definition.Inner?.Btf is null)
        {
            return;
        }

        using HandleUse use = types.Use();
        long result = Kernel.Duplicate(use.Descriptor);
        if (result < 0)
        {
            throw KernelErrors.Of(Kernel, "fcntl", result, $"Keeping the types of map {Name}", Capabilities.None, ObjectName, Name);
        }

        var kept = new BpfHandle(Kernel, result);
        AddDependent(kept);
        Become(State with { Definition = Definition with { Inner = Definition.Inner with { Btf = kept } } });
    }

    internal void RemoveDependent(IDisposable dependent)
    {
        lock (_gate)
        {
            _dependents.Remove(dependent);
        }
    }

    /// <summary>
    /// Returns the one object through which this process uses a map of this type, such as the reader of a ring buffer. It is created at first use, all views of the map
    /// share it, and it is disposed before the descriptor is closed.
    /// </summary>
    /// <typeparam name="T">The object's type, always the same for a type of map.</typeparam>
    /// <param name="open">Creates the object.</param>
    internal T Share<T>(Func<BpfMapHandle, T> open)
        where T : class, IDisposable
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            if (_shared is null)
            {
                _shared = open(this);
                _dependents.Add(_shared);
            }

            return (T)_shared;
        }
    }

    // The default message does not name the map.
    private void ThrowIfDisposed()
    {
        if (_disposed)
        {
            throw new ObjectDisposedException(SubjectOf(Name, ObjectName));
        }
    }

    /// <summary>Adds an object to dispose before the descriptor is closed: a reader or a mapping.</summary>
    internal void AddDependent(IDisposable dependent)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            _dependents.Add(dependent);
        }
    }
}

/// <summary>What a map's handle refers to.</summary>
/// <param name="Handle">The kernel's map; null if the spec leaves it out.</param>
/// <param name="Definition">The parameters it was created with.</param>
/// <param name="Earlier">The maps of other versions whose values are merged into what is read; null for none.</param>
internal sealed record MapState(BpfHandle? Handle, BpfMapDefinition Definition, EarlierMaps? Earlier)
{
    internal BpfHandle Created(string? objectName)
        => Handle ?? throw new BpfException($"Map {Definition.Name} was not created: the spec leaves it out. Set Enabled on its spec before Load.", objectName, Definition.Name);
}
