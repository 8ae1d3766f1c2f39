using System.Diagnostics.CodeAnalysis;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>
/// A live map. The sealed types derived from it offer only what the kernel supports for their map type. They are views of a <see cref="BpfMapHandle"/>: those of
/// a live object are valid until the object is disposed, and disposing one does nothing; an inner map that was opened or created belongs to the caller, and disposing it closes it.
/// </summary>
public abstract class BpfMap : IDisposable
{
    private protected BpfMap(BpfMapHandle handle, ReadOnlySpan<BpfMapType> allowed)
    {
        ArgumentNullException.ThrowIfNull(handle);
        MapHandle = handle;
        if (!allowed.IsEmpty && !allowed.Contains(handle.Type))
        {
            throw new BpfException(
                $"Map {handle.Name} is of type {handle.Type}; {GetType().Name} is for {string.Join(" or ", allowed.ToArray())}.",
                handle.ObjectName, handle.Name);
        }
    }

    /// <summary>The map's name in the object.</summary>
    public string Name => MapHandle.Name;

    /// <summary>The type of map.</summary>
    public BpfMapType Type => MapHandle.Type;

    /// <summary>The size of a key in bytes.</summary>
    public int KeySize => MapHandle.KeySize;

    /// <summary>The size of a value in bytes, on one CPU.</summary>
    public int ValueSize => MapHandle.ValueSize;

    /// <summary>The maximum number of entries; the size in bytes of a ring buffer.</summary>
    public uint MaxEntries => MapHandle.MaxEntries;

    /// <summary>The kernel's ID of the map. Needs no capability beyond having the map.</summary>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public uint Id => MapHandle.Id;

    /// <summary>The map's handle: its descriptor and what it was created with.</summary>
    public BpfMapHandle MapHandle { get; }

    /// <summary>True for a view that closes its handle: an inner map that was opened or created.</summary>
    internal bool OwnsHandle { get; set; }

    private protected void CheckKey<TKey>()
        where TKey : unmanaged
        => CheckSize<TKey>("key", MapHandle.KeySize);

    private protected void CheckValue<TValue>()
        where TValue : unmanaged
        => CheckSize<TValue>("value", MapHandle.ValueSize);

    private protected void CheckIndexable()
    {
        if (MapHandle.MaxEntries > int.MaxValue)
        {
            throw new BpfException($"Map {Name} has {MapHandle.MaxEntries} elements, more than a 31-bit index can address. Lower its max_entries.", MapHandle.ObjectName, Name);
        }
    }

    /// <summary>Closes an inner map that was opened or created by <see cref="BpfMapOfMaps{TInner}"/>; does nothing for any other map.</summary>
    /// <remarks>It does not close a handle that was opened by ID, name or pin: dispose that handle.</remarks>
    public void Dispose()
    {
        if (OwnsHandle)
        {
            MapHandle.Dispose();
        }
    }

    [DoesNotReturn]
    internal void ThrowSyscall(BpfCommand command, long result, string what, string? detail = null)
        => throw MapElementErrors.Of(MapHandle, command, result, $"{what} map {Name} ({Type})", detail);

    private unsafe void CheckSize<T>(string part, int size)
        where T : unmanaged
    {
        if (size != sizeof(T))
        {
            throw new BpfException(
                $"Map {Name} has a {part} of {size} bytes and {typeof(T).Name} has {sizeof(T)}: the C and the C# differ. Rebuild both.",
                MapHandle.ObjectName, Name);
        }
    }
}

/// <summary>A map of a type that this version has no class for: it has the properties and the handle.</summary>
public sealed class BpfUntypedMap : BpfMap
{
    /// <summary>Creates a view of a map of any type.</summary>
    /// <param name="handle">The map.</param>
    public BpfUntypedMap(BpfMapHandle handle)
        : base(handle, [])
    {
    }
}
