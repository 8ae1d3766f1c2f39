using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>The elements of an array map in this process's memory, shared with the programs. It is disposed with its object at the latest; using it afterwards throws <see cref="ObjectDisposedException"/>.</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfMappedArray<TValue> : IDisposable
    where TValue : unmanaged
{
    private readonly MappingHandle _memory;
    private readonly BpfMapHandle _map;

    private BpfMappedArray(BpfMapHandle map, MappingHandle memory)
    {
        _map = map;
        _memory = memory;
    }

    /// <summary>The number of elements.</summary>
    public int Count => (int)_map.MaxEntries;

    // In the kernel's array, the offset of every element is a multiple of 8.
    private static int Stride => (sizeof(TValue) + 7) & ~7;

    /// <summary>Reads or writes one element.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its object is disposed.</exception>
    public TValue this[int index]
    {
        get
        {
            using MappingUse use = _memory.Use();
            return *At(use.Address, index);
        }
        set
        {
            using MappingUse use = _memory.Use();
            *At(use.Address, index) = value;
        }
    }

    /// <summary>Returns the elements for access in place; they stay mapped until the returned value is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The mapping or its object is disposed.</exception>
    public BpfMappedSpan<TValue> Use() => new(_memory, 0, Count, Stride);

    /// <summary>Unmaps the elements once their last use has ended.</summary>
    public void Dispose()
    {
        _map.RemoveDependent(_memory);
        _memory.Dispose();
    }

    internal static BpfMappedArray<TValue> Open(BpfMapHandle map)
    {
        using HandleUse use = map.Use();
        var length = (nuint)(((long)Stride * map.MaxEntries + Environment.SystemPageSize - 1) & -Environment.SystemPageSize);
        MappingHandle memory = MappingHandle.TryMap(map.Kernel, length, MemoryProtection.Read | MemoryProtection.Write, MemoryMapping.Shared, use.Descriptor, 0, out long result)?.Named(BpfMapHandle.SubjectOf(map.Name, map.ObjectName))
            ?? throw KernelErrors.Of(map.Kernel, "mmap", result, $"Mapping map {map.Name}", Capabilities.None, map.ObjectName, map.Name);
        map.AddDependent(memory);
        return new BpfMappedArray<TValue>(map, memory);
    }

    private TValue* At(byte* start, int index)
        => (uint)index < (uint)Count
            ? (TValue*)(start + ((long)index * Stride))
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"The indexes of map {_map.Name} are 0 to {Count - 1}.");
}

/// <summary>
/// Memory shared with the programs, in use: it stays mapped until this is disposed. Disposing one copy ends all copies; disposing another copy does nothing.
/// References into the memory (<see cref="Span"/>, <c>ref</c>) must not outlive it.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
public readonly unsafe ref struct BpfMappedSpan<T> : IDisposable
    where T : unmanaged
{
    private readonly MappingUse _use;
    private readonly long _start;
    private readonly int _stride;

    internal BpfMappedSpan(MappingHandle memory, long start, int length, int stride)
    {
        _use = memory.Use();
        _start = start;
        Length = length;
        _stride = stride;
    }

    /// <summary>The number of values.</summary>
    public int Length { get; }

    /// <summary>All values, if they are adjacent: always, except in arrays of values whose size is not a multiple of 8.</summary>
    /// <exception cref="InvalidOperationException">There are gaps between the values; use the indexer.</exception>
    /// <exception cref="ObjectDisposedException">This, or a copy of it, is disposed.</exception>
    public Span<T> Span
    {
        get
        {
            byte* address = _use.Address;
            return _stride == sizeof(T)
                ? new Span<T>(address + _start, Length)
                : throw new InvalidOperationException($"The distance between values of {sizeof(T)} bytes is {_stride} bytes, so they are not one span: use the indexer.");
        }
    }

    /// <summary>Gets a reference to one value.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="ObjectDisposedException">This, or a copy of it, is disposed.</exception>
    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
            return ref *(T*)(_use.Address + _start + ((long)index * _stride));
        }
    }

    /// <summary>Ends the use. A second call, on this or on a copy, does nothing.</summary>
    public void Dispose() => _use.Dispose();
}
