using System.Diagnostics.CodeAnalysis;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>
/// A live map. The sealed types derived from it offer what the kernel allows on their kind, and nothing else. They are views of a <see cref="BpfMapHandle"/>: those of
/// a live object end with the object, and disposing one does nothing; an inner map that was opened or made is the caller's, and disposing it closes it.
/// </summary>
public abstract class BpfMap : IDisposable
{
    private protected BpfMap(BpfMapHandle handle, ReadOnlySpan<BpfMapType> allowed)
    {
        ArgumentNullException.ThrowIfNull(handle);
        Handle = handle;
        if (!allowed.IsEmpty && !allowed.Contains(handle.Type))
        {
            throw new BpfException(
                $"Map {handle.Name} is of type {handle.Type}; {GetType().Name} reads {string.Join(" or ", allowed.ToArray())}.",
                handle.ObjectName, handle.Name);
        }
    }

    /// <summary>The map's name in the object.</summary>
    public string Name => Handle.Name;

    /// <summary>The kind of map.</summary>
    public BpfMapType Type => Handle.Type;

    /// <summary>The size of a key in bytes.</summary>
    public int KeySize => Handle.KeySize;

    /// <summary>The size of a value in bytes, on one CPU.</summary>
    public int ValueSize => Handle.ValueSize;

    /// <summary>How many entries it may hold; the size in bytes of a ring buffer.</summary>
    public uint MaxEntries => Handle.MaxEntries;

    /// <summary>The kernel's ID of the map. Needs no capability beyond having the map.</summary>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public uint Id => Handle.Id;

    /// <summary>The map's handle: its descriptor and what it was created with.</summary>
    public BpfMapHandle Handle { get; }

    /// <summary>True for a view that closes its handle: an inner map that was opened or made.</summary>
    internal bool OwnsHandle { get; set; }

    private protected void CheckKey<TKey>()
        where TKey : unmanaged
        => CheckSize<TKey>("key", Handle.KeySize);

    private protected void CheckValue<TValue>()
        where TValue : unmanaged
        => CheckSize<TValue>("value", Handle.ValueSize);

    private protected void CheckIndexable()
    {
        if (Handle.MaxEntries > int.MaxValue)
        {
            throw new BpfException($"Map {Name} has {Handle.MaxEntries} elements, more than an index of 31 bits reaches.", Handle.ObjectName, Name);
        }
    }

    /// <summary>Closes an inner map that was opened or made by <see cref="BpfMapOfMaps{TInner}"/>; does nothing for any other map.</summary>
    public void Dispose()
    {
        if (OwnsHandle)
        {
            Handle.Dispose();
        }
    }

    [DoesNotReturn]
    internal void ThrowSyscall(BpfCommand command, long result, string what, string? detail = null)
        => throw MapErrors.Of(Handle, command, result, $"{what} map {Name} ({Type})", detail);

    private unsafe void CheckSize<T>(string part, int size)
        where T : unmanaged
    {
        if (size != sizeof(T))
        {
            throw new BpfException(
                $"Map {Name} has a {part} of {size} bytes and {typeof(T).Name} has {sizeof(T)}: the C and the C# do not say the same. Build both anew.",
                Handle.ObjectName, Name);
        }
    }
}

/// <summary>A map of a kind this version has no type for: its properties can be read, and its handle passed on.</summary>
public sealed class BpfUntypedMap : BpfMap
{
    /// <summary>Creates a view of a map of any kind.</summary>
    /// <param name="handle">The map.</param>
    public BpfUntypedMap(BpfMapHandle handle)
        : base(handle, [])
    {
    }
}
