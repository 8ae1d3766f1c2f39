namespace Hypermesh.Bpf;

/// <summary>
/// Memory shared with the programs, in use: it stays mapped until this is disposed. Copies of it are the same use: disposing one ends it for all, and disposing another does nothing.
/// References into the memory (<see cref="Span"/>, <c>ref</c>) must not outlive it.
/// </summary>
/// <typeparam name="T">What lies there.</typeparam>
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

    /// <summary>How many there are.</summary>
    public int Length { get; }

    /// <summary>All values, where they are adjacent: always, except in arrays of values whose size is not a multiple of 8.</summary>
    /// <exception cref="InvalidOperationException">There are gaps between them; use the indexer.</exception>
    /// <exception cref="ObjectDisposedException">This, or a copy of it, is disposed.</exception>
    public Span<T> Span
    {
        get
        {
            byte* address = _use.Address;
            return _stride == sizeof(T)
                ? new Span<T>(address + _start, Length)
                : throw new InvalidOperationException($"Values of {sizeof(T)} bytes lie {_stride} bytes apart: use the indexer.");
        }
    }

    /// <summary>One of them, in place.</summary>
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
