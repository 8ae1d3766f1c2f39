namespace Hypermesh.Bpf;

/// <summary>
/// Memory that programs and this process share and may point into (<c>BPF_MAP_TYPE_ARENA</c>, 6.9): its pages come to be when either side touches them. The programs'
/// pointers are addresses of this process.
/// </summary>
public sealed unsafe class BpfArena : BpfMap
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfArena(BpfMapDescriptor descriptor)
        : base(descriptor, [BpfMapType.Arena])
    {
    }

    /// <summary>Its size in bytes, most of which may never be touched.</summary>
    public long Size => ArenaMapping.SizeOf(Descriptor);

    /// <summary>Where it begins in this process, as the programs' pointers say it.</summary>
    /// <exception cref="BpfSyscallException">It could not be mapped.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public ulong Address
    {
        get
        {
            using MappingUse use = ArenaMapping.Of(Descriptor).Memory.Use();
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
    /// <typeparam name="T">Its type, laid out as the C has it.</typeparam>
    /// <param name="offset">Bytes from the arena's start.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public T Read<T>(long offset)
        where T : unmanaged
    {
        using BpfMappedSpan<T> place = Use<T>(offset, 1);
        return place[0];
    }

    /// <summary>Writes a value; the programs see it at once.</summary>
    /// <typeparam name="T">Its type, laid out as the C has it.</typeparam>
    /// <param name="offset">Bytes from the arena's start.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Write<T>(long offset, T value)
        where T : unmanaged
    {
        using BpfMappedSpan<T> place = Use<T>(offset, 1);
        place[0] = value;
    }

    /// <summary>Works on a part of it in place; it stays mapped until the answer is disposed.</summary>
    /// <typeparam name="T">What lies there, laid out as the C has it.</typeparam>
    /// <param name="offset">Bytes from the arena's start.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie within the arena.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    /// <remarks>An arena declared with <c>BPF_F_SEGV_ON_FAULT</c> has the process end where it touches a page no program made.</remarks>
    public BpfMappedSpan<T> Use<T>(long offset, int count)
        where T : unmanaged
    {
        if (offset < 0 || count < 0 || offset > Size - ((long)count * sizeof(T)))
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"Arena {Name} has {Size} bytes; {count} of {sizeof(T)} bytes do not lie there.");
        }

        return new BpfMappedSpan<T>(ArenaMapping.Of(Descriptor).Memory, offset, count, sizeof(T));
    }
}
