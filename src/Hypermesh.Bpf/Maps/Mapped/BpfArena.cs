using System.Globalization;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>
/// Memory that programs and this process share and may point into (<c>BPF_MAP_TYPE_ARENA</c>, 6.9): its pages come to be when either side touches them. The programs'
/// pointers are addresses of this process.
/// </summary>
public sealed unsafe class BpfArena : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfArena(BpfMapHandle handle)
        : base(handle, [BpfMapType.Arena])
    {
    }

    /// <summary>Its size in bytes, most of which may never be touched.</summary>
    public long Size => ArenaMapping.SizeOf(Handle);

    /// <summary>Where it begins in this process, as the programs' pointers say it.</summary>
    /// <exception cref="BpfSyscallException">It could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public ulong Address
    {
        get
        {
            using MappingUse use = ArenaMapping.Of(Handle).Memory.Use();
            return (ulong)use.Address;
        }
    }

    /// <summary>The place a pointer of a program points to.</summary>
    /// <param name="pointer">The pointer, as the programs store it.</param>
    /// <returns>Bytes from the arena's start.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It points elsewhere.</exception>
    public long OffsetOf(KernelPointer pointer)
    {
        // Programs may keep the lower half alone; the upper one is the arena's.
        ulong start = Address;
        ulong address = pointer.Address >> 32 == 0 ? (start & ~(ulong)uint.MaxValue) | pointer.Address : pointer.Address;
        return address >= start && address - start < (ulong)Size
            ? (long)(address - start)
            : throw new ArgumentOutOfRangeException(nameof(pointer), pointer, $"Arena {Name} is {Size} bytes at 0x{start:x}.");
    }

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">Its type, with the layout it has in the C.</typeparam>
    /// <param name="offset">Bytes from the arena's start.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public T Read<T>(long offset)
        where T : unmanaged
    {
        using BpfMappedSpan<T> place = Use<T>(offset, 1);
        return place[0];
    }

    /// <summary>Writes a value; the programs see it at once.</summary>
    /// <typeparam name="T">Its type, with the layout it has in the C.</typeparam>
    /// <param name="offset">Bytes from the arena's start.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Write<T>(long offset, T value)
        where T : unmanaged
    {
        using BpfMappedSpan<T> place = Use<T>(offset, 1);
        place[0] = value;
    }

    /// <summary>Works on a part of it in place; it stays mapped until the answer is disposed.</summary>
    /// <typeparam name="T">What lies there, with the layout it has in the C.</typeparam>
    /// <param name="offset">Bytes from the arena's start.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    /// <remarks>An arena declared with <c>BPF_F_SEGV_ON_FAULT</c> has the process end where it touches a page no program made.</remarks>
    public BpfMappedSpan<T> Use<T>(long offset, int count)
        where T : unmanaged
    {
        if (offset < 0 || count < 0 || offset > Size - ((long)count * sizeof(T)))
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"Arena {Name} has {Size} bytes; {count} of {sizeof(T)} bytes do not lie there.");
        }

        return new BpfMappedSpan<T>(ArenaMapping.Of(Handle).Memory, offset, count, sizeof(T));
    }
}

/// <summary>An arena in this process's memory: where the programs' pointers into it are valid here too.</summary>
internal sealed class ArenaMapping : IDisposable
{
    // A program's reference to a place further than this behind a map's start is refused by the verifier.
    private const long LargestOffset = 1L << 29;

    private ArenaMapping(MappingHandle memory) => Memory = memory;

    internal MappingHandle Memory { get; }

    /// <summary>The one mapping of an arena in this process, made at first use.</summary>
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
    /// Where the object's globals lie: at the arena's end, so that its first page stays free and no pointer to one is null; at its start where the end is too
    /// far for the verifier.
    /// </summary>
    internal static int PlaceOfGlobals(BpfMapHandle map, int size)
    {
        long pages = (size + Environment.SystemPageSize - 1L) / Environment.SystemPageSize * Environment.SystemPageSize;
        long place = SizeOf(map) - pages;
        return place < 0
            ? throw new BpfException($"Arena {map.Name} of {map.MaxEntries} pages is too small for its {size} bytes of globals.", map.ObjectName, map.Name)
            : place < LargestOffset - pages ? (int)place : 0;
    }
}

/// <summary>
/// A pointer of a BPF program: an address in the kernel, which means nothing in this process. It is a type of its own so that nobody takes it for a number or
/// follows it.
/// </summary>
/// <param name="Address">The address; always 64 bits.</param>
public readonly record struct KernelPointer(ulong Address)
{
    /// <summary>True for a pointer to nothing.</summary>
    public bool IsNull => Address == 0;

    /// <summary>The address in hexadecimal, as the kernel prints it.</summary>
    public override string ToString() => "0x" + Address.ToString("x16", CultureInfo.InvariantCulture);
}
