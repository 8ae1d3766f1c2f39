using System.Globalization;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>
/// Memory that programs and this process share, with pointers into it (<c>BPF_MAP_TYPE_ARENA</c>, 6.9). Its pages are allocated when either side accesses them. The programs'
/// pointers are addresses of this process.
/// </summary>
public sealed unsafe class BpfArena : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfArena(BpfMapHandle handle)
        : base(handle, [BpfMapType.Arena])
    {
    }

    /// <summary>Its size in bytes, including pages that were never accessed.</summary>
    public long Size => ArenaMapping.SizeOf(MapHandle);

    /// <summary>The address of its start in this process, which is also the base of the programs' pointers.</summary>
    /// <exception cref="BpfSyscallException">It could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public ulong Address
    {
        get
        {
            using MappingUse use = ArenaMapping.Of(MapHandle).Memory.Use();
            return (ulong)use.Address;
        }
    }

    /// <summary>Returns the offset that a pointer of a program points to.</summary>
    /// <param name="pointer">The pointer, as the programs store it.</param>
    /// <returns>The offset from the arena's start, in bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It does not point into the arena.</exception>
    public long OffsetOf(KernelPointer pointer)
    {
        // Programs can keep only the lower half of a pointer; the upper half is the arena's.
        ulong start = Address;
        ulong address = pointer.Address >> 32 == 0 ? (start & ~(ulong)uint.MaxValue) | pointer.Address : pointer.Address;
        return address >= start && address - start < (ulong)Size
            ? (long)(address - start)
            : throw new ArgumentOutOfRangeException(nameof(pointer), pointer, $"The pointer is not within arena {Name}, which has {Size} bytes at 0x{start:x}.");
    }

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">Its type, with the layout it has in the C.</typeparam>
    /// <param name="offset">The offset from the arena's start, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is not within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public T Read<T>(long offset)
        where T : unmanaged
    {
        using BpfMappedSpan<T> place = Use<T>(offset, 1);
        return place[0];
    }

    /// <summary>Writes a value; the programs see it at once.</summary>
    /// <typeparam name="T">Its type, with the layout it has in the C.</typeparam>
    /// <param name="offset">The offset from the arena's start, in bytes.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is not within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Write<T>(long offset, T value)
        where T : unmanaged
    {
        using BpfMappedSpan<T> place = Use<T>(offset, 1);
        place[0] = value;
    }

    /// <summary>Returns a part of the arena for access in place; it stays mapped until the returned value is disposed.</summary>
    /// <typeparam name="T">The type of the values, with the layout it has in the C.</typeparam>
    /// <param name="offset">The offset from the arena's start, in bytes.</param>
    /// <param name="count">The number of values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The values are not within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    /// <remarks>An arena declared with <c>BPF_F_SEGV_ON_FAULT</c> ends the process when it accesses a page that no program has allocated.</remarks>
    public BpfMappedSpan<T> Use<T>(long offset, int count)
        where T : unmanaged
    {
        if (offset < 0 || count < 0 || offset > Size - ((long)count * sizeof(T)))
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"Arena {Name} has {Size} bytes; {count} values of {sizeof(T)} bytes are not within it.");
        }

        return new BpfMappedSpan<T>(ArenaMapping.Of(MapHandle).Memory, offset, count, sizeof(T));
    }
}

/// <summary>The mapping of an arena in this process, at the address that makes the programs' pointers valid here too.</summary>
internal sealed class ArenaMapping : IDisposable
{
    // The verifier rejects a program's reference with a larger offset from a map's start.
    private const long LargestOffset = 1L << 29;

    private ArenaMapping(MappingHandle memory) => Memory = memory;

    internal MappingHandle Memory { get; }

    /// <summary>The one mapping of an arena in this process, created at first use.</summary>
    internal static ArenaMapping Of(BpfMapHandle map) => map.Share(Open);

    public void Dispose() => Memory.Dispose();

    private static ArenaMapping Open(BpfMapHandle map)
    {
        using HandleUse use = map.Use();
        const MemoryProtection ReadWrite = MemoryProtection.Read | MemoryProtection.Write;
        var size = (nuint)SizeOf(map);
        long result;
        MappingHandle? memory = map.Definition.Extra == 0
            ? MappingHandle.TryMap(map.Kernel, size, ReadWrite, MemoryMapping.Shared, use.Descriptor, 0, out result)
            : MappingHandle.TryMapAt(map.Kernel, (nint)map.Definition.Extra, size, ReadWrite, MemoryMapping.Shared, use.Descriptor, out result);
        return memory is not null
            ? new ArenaMapping(memory.Named(BpfMapHandle.SubjectOf(map.Name, map.ObjectName)))
            : throw KernelErrors.Of(map.Kernel, "mmap", result, $"Mapping arena {map.Name}", Capabilities.None, map.ObjectName, map.Name);
    }

    internal static long SizeOf(BpfMapHandle map) => (long)map.MaxEntries * Environment.SystemPageSize;

    /// <summary>
    /// Returns the offset of the object's globals: at the arena's end, so that its first page stays free and no pointer to a global is null; at its start if the end is too
    /// far for the verifier.
    /// </summary>
    internal static int PlaceOfGlobals(BpfMapHandle map, int size)
    {
        long pages = (size + Environment.SystemPageSize - 1L) / Environment.SystemPageSize * Environment.SystemPageSize;
        long place = SizeOf(map) - pages;
        return place < 0
            ? throw new BpfException($"Arena {map.Name} of {map.MaxEntries} pages is too small for its {size} bytes of globals: raise its max_entries.", map.ObjectName, map.Name)
            : place < LargestOffset - pages ? (int)place : 0;
    }
}

/// <summary>
/// A pointer of a BPF program: an address in the kernel, which is not valid in this process. It has its own type so that it cannot be used as a number or
/// dereferenced by mistake.
/// </summary>
/// <param name="Address">The address; always 64 bits.</param>
public readonly record struct KernelPointer(ulong Address)
{
    /// <summary>True for a null pointer.</summary>
    public bool IsNull => Address == 0;

    /// <summary>The address in hexadecimal, as the kernel prints it.</summary>
    public override string ToString() => "0x" + Address.ToString("x16", CultureInfo.InvariantCulture);
}
