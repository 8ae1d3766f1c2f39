using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>
/// A data section of a live object (<c>.rodata</c>, <c>.data</c>, <c>.bss</c>): memory shared with the programs (5.5), so a read or write is a plain
/// memory access. It is valid until its object is disposed.
/// </summary>
public sealed unsafe class BpfGlobalSection
{
    private readonly int _start;
    private BpfMapHandle _map;
    private MappingHandle _mapping;

    private BpfGlobalSection(string name, BpfMapHandle map, int size, bool isReadOnly, MappingHandle mapping, int start = 0)
    {
        _start = start;
        Name = name;
        _map = map;
        Size = size;
        IsReadOnly = isReadOnly;
        _mapping = mapping;
    }

    /// <summary>The section's name, such as <c>.bss</c>.</summary>
    public string Name { get; }

    /// <summary>Its size in bytes.</summary>
    public int Size { get; }

    /// <summary>True for <c>.rodata</c>, which was frozen before the programs were loaded.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The map behind it.</summary>
    public BpfMapHandle Map => _map;

    /// <summary>Reads a variable.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="offset">Its offset in the section, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variable is not within the section.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public T Read<T>(int offset)
        where T : unmanaged
    {
        Check<T>(offset);
        using MappingUse use = _mapping.Use();
        return Unsafe.ReadUnaligned<T>(use.Address + _start + offset);
    }

    /// <summary>Writes a variable; the programs see it at once.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="offset">Its offset in the section, in bytes.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">The section is read-only: its values are set in the spec, before the load.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The variable is not within the section.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Write<T>(int offset, T value)
        where T : unmanaged
    {
        Check<T>(offset);
        if (IsReadOnly)
        {
            throw new BpfException($"Section {Name} is read-only once the programs are loaded; set its variables in the spec, before Load.", _map.ObjectName, Name);
        }

        using MappingUse use = _mapping.Use();
        Unsafe.WriteUnaligned(use.Address + _start + offset, value);
    }

    /// <summary>Makes it the section of a new version, with the same variables.</summary>
    internal void Become(BpfGlobalSection next)
    {
        Volatile.Write(ref _mapping, next._mapping);
        _map = next._map;
    }

    /// <summary>Copies bytes, starting at an offset in the section.</summary>
    internal void Read(int offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)(uint)offset + (uint)destination.Length, (uint)Size, nameof(destination));
        using MappingUse use = _mapping.Use();
        new ReadOnlySpan<byte>(use.Address + _start + offset, destination.Length).CopyTo(destination);
    }

    /// <summary>Maps the section's map into memory, after it was filled (and frozen, if read-only).</summary>
    internal static BpfGlobalSection Open(string name, BpfMapHandle map, bool isReadOnly)
    {
        int size = (int)map.ValueSize;
        using HandleUse use = map.Use();
        MemoryProtection protection = isReadOnly ? MemoryProtection.Read : MemoryProtection.Read | MemoryProtection.Write;
        nuint length = (nuint)((size + Environment.SystemPageSize - 1) & -Environment.SystemPageSize);
        MappingHandle mapping = MappingHandle.TryMap(map.Kernel, length, protection, MemoryMapping.Shared, use.Descriptor, 0, out long result)?.Named(SubjectOf(name, map))
            ?? throw KernelErrors.Of(map.Kernel, "mmap", result, $"Mapping section {name}", Capabilities.None, map.ObjectName, name);
        map.AddDependent(mapping);
        return new BpfGlobalSection(name, map, size, isReadOnly, mapping);
    }

    private static string SubjectOf(string name, BpfMapHandle map) => map.ObjectName is { } owner ? $"section {name} of {owner}" : $"section {name}";

    /// <summary>Copies the globals of <c>.addr_space.1</c> into the object's arena.</summary>
    internal static BpfGlobalSection OpenInArena(string name, BpfMapHandle arena, ReadOnlySpan<byte> image)
    {
        int start = ArenaMapping.PlaceOfGlobals(arena, image.Length);
        MappingHandle memory = ArenaMapping.Of(arena).Memory;
        using MappingUse use = memory.Use();
        image.CopyTo(new Span<byte>(use.Address + start, image.Length));
        return new BpfGlobalSection(name, arena, image.Length, isReadOnly: false, memory, start);
    }

    /// <summary>Writes the whole section with a map update, once before the freeze.</summary>
    internal static void WriteImage(BpfMapHandle map, ReadOnlySpan<byte> image)
    {
        int key = 0;
        fixed (byte* start = image)
        {
            long result = MapCalls.Update(map, &key, start, UpdateMode.Any);
            if (result < 0)
            {
                throw MapElementErrors.Of(map, BpfCommand.MapUpdateElement, result, $"Writing section {map.Name}");
            }
        }
    }

    private void Check<T>(int offset)
        where T : unmanaged
    {
        if (offset < 0 || offset > Size - sizeof(T))
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"Section {Name} has {Size} bytes; a {typeof(T).Name} of {sizeof(T)} bytes is not within it.");
        }
    }
}
