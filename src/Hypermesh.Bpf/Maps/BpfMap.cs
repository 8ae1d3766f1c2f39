using System.Diagnostics.CodeAnalysis;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>A live map. The sealed types derived from it offer what the kernel allows on their kind, and nothing else.</summary>
public abstract class BpfMap
{
    private protected BpfMap(BpfMapDescriptor descriptor, ReadOnlySpan<BpfMapType> allowed)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Descriptor = descriptor;
        if (!allowed.IsEmpty && !allowed.Contains(descriptor.Type))
        {
            throw new BpfException(
                $"Map {descriptor.Name} is of type {descriptor.Type}; {GetType().Name} reads {string.Join(" or ", allowed.ToArray())}.",
                descriptor.ObjectName, descriptor.Name);
        }
    }

    /// <summary>The map's name in the object.</summary>
    public string Name => Descriptor.Name;

    /// <summary>The kind of map.</summary>
    public BpfMapType Type => Descriptor.Type;

    /// <summary>The size of a key in bytes.</summary>
    public int KeySize => (int)Descriptor.KeySize;

    /// <summary>The size of a value in bytes, on one CPU.</summary>
    public int ValueSize => (int)Descriptor.ValueSize;

    /// <summary>How many entries it may hold; the size in bytes of a ring buffer.</summary>
    public long MaxEntries => Descriptor.MaxEntries;

    /// <summary>The kernel's number of the map. Needs no capability beyond having the map.</summary>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public uint Id => Descriptor.Id;

    /// <summary>The map's descriptor and what it was created with.</summary>
    public BpfMapDescriptor Descriptor { get; }

    private protected void CheckKey<TKey>()
        where TKey : unmanaged
        => CheckSize<TKey>("key", Descriptor.KeySize);

    private protected void CheckValue<TValue>()
        where TValue : unmanaged
        => CheckSize<TValue>("value", Descriptor.ValueSize);

    private protected void CheckIndexable()
    {
        if (Descriptor.MaxEntries > int.MaxValue)
        {
            throw new BpfException($"Map {Name} has {Descriptor.MaxEntries} elements, more than an index of 31 bits reaches.", Descriptor.ObjectName, Name);
        }
    }

    [DoesNotReturn]
    internal void ThrowSyscall(BpfCommand command, long result, string what, string? detail = null)
        => throw MapErrors.Of(Descriptor, command, result, $"{what} map {Name} ({Type})", detail);

    private unsafe void CheckSize<T>(string part, uint size)
        where T : unmanaged
    {
        if (size != sizeof(T))
        {
            throw new BpfException(
                $"Map {Name} has a {part} of {size} bytes and {typeof(T).Name} has {sizeof(T)}: the C and the C# do not say the same. Build both anew.",
                Descriptor.ObjectName, Name);
        }
    }
}

/// <summary>A map of a kind this version has no type for: what it is can be asked, and its descriptor handed on.</summary>
public sealed class BpfUntypedMap : BpfMap
{
    /// <summary>Looks at a map of any kind.</summary>
    /// <param name="descriptor">The map.</param>
    public BpfUntypedMap(BpfMapDescriptor descriptor)
        : base(descriptor, [])
    {
    }
}
