using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Globals;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>
/// A data section of a live object (<c>.rodata</c>, <c>.data</c>, <c>.bss</c>): memory shared with the programs (5.5), so a read or write is a plain
/// memory access. It is valid until its object is disposed.
/// </summary>
public sealed unsafe class BpfGlobalSection
{
    private readonly int _size;
    private SectionView _view;

    private BpfGlobalSection(string name, SectionMemory memory, bool isReadOnly)
    {
        Name = name;
        _size = memory.Size;
        IsReadOnly = isReadOnly;
        _view = new SectionView(memory, null);
    }

    /// <summary>The section's name, such as <c>.bss</c>.</summary>
    public string Name { get; }

    /// <summary>Its size in bytes.</summary>
    public int Size => _size;

    /// <summary>True for <c>.rodata</c>, which was frozen before the programs were loaded.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The map behind it.</summary>
    public BpfMapHandle Map => Memory.Map;

    internal SectionMemory Memory => Volatile.Read(ref _view).Memory;

    /// <summary>Reads a variable.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="offset">Its offset in the section, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variable is not within the section.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public T Read<T>(int offset)
        where T : unmanaged
    {
        Check<T>(offset);
        SectionView view = Volatile.Read(ref _view);
        offset = view.PlaceOf(Name, offset, sizeof(T));
        T value;
        using (MappingUse use = view.Memory.Mapping.Use())
        {
            value = Unsafe.ReadUnaligned<T>(use.Address + view.Memory.Start + offset);
        }

        if (view.Memory.HasEarlier)
        {
            view.Memory.Merge(new Span<byte>(&value, sizeof(T)), offset);
        }

        return value;
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
            throw new BpfException($"Section {Name} is read-only once the programs are loaded; set its variables in the spec, before Load.", Map.ObjectName, Name);
        }

        SectionView view = Volatile.Read(ref _view);
        offset = view.PlaceOf(Name, offset, sizeof(T));
        view.Memory.Forget(offset, sizeof(T));
        using MappingUse use = view.Memory.Mapping.Use();
        Unsafe.WriteUnaligned(use.Address + view.Memory.Start + offset, value);
    }

    /// <summary>Makes it a view of the section of a new version.</summary>
    /// <param name="memory">That section.</param>
    /// <param name="moved">Where each variable is now; null if all are where they were.</param>
    internal void Become(SectionMemory memory, IReadOnlyList<MovedVariable>? moved) => Volatile.Write(ref _view, new SectionView(memory, moved));

    /// <summary>Copies bytes, starting at an offset in the section.</summary>
    internal void Read(int offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)(uint)offset + (uint)destination.Length, (uint)Size, nameof(destination));
        SectionView view = Volatile.Read(ref _view);
        offset = view.PlaceOf(Name, offset, destination.Length);
        view.Memory.Read(offset, destination);
        view.Memory.Merge(destination, offset);
    }

    /// <summary>A view of a section that is mapped already.</summary>
    internal static BpfGlobalSection Of(string name, SectionMemory memory) => new(name, memory, isReadOnly: false);

    /// <summary>Maps the section's map into memory, after it was filled (and frozen, if read-only).</summary>
    internal static BpfGlobalSection Open(string name, BpfMapHandle map, bool isReadOnly, byte[] initial)
    {
        int size = map.ValueSize;
        using HandleUse use = map.Use();
        MemoryProtection protection = isReadOnly ? MemoryProtection.Read : MemoryProtection.Read | MemoryProtection.Write;
        nuint length = (nuint)((size + Environment.SystemPageSize - 1) & -Environment.SystemPageSize);
        MappingHandle mapping = MappingHandle.TryMap(map.Kernel, length, protection, MemoryMapping.Shared, use.Descriptor, 0, out long result)?.Named(SubjectOf(name, map))
            ?? throw KernelErrors.Of(map.Kernel, "mmap", result, $"Mapping section {name}", Capabilities.None, map.ObjectName, name);
        map.AddDependent(mapping);
        return new BpfGlobalSection(name, new SectionMemory(map, mapping, 0, initial), isReadOnly);
    }

    private static string SubjectOf(string name, BpfMapHandle map) => map.ObjectName is { } owner ? $"section {name} of {owner}" : $"section {name}";

    /// <summary>Copies the globals of <c>.addr_space.1</c> into the object's arena.</summary>
    internal static BpfGlobalSection OpenInArena(string name, BpfMapHandle arena, ReadOnlySpan<byte> image)
    {
        int start = ArenaMapping.PlaceOfGlobals(arena, image.Length);
        MappingHandle memory = ArenaMapping.Of(arena).Memory;
        using MappingUse use = memory.Use();
        image.CopyTo(new Span<byte>(use.Address + start, image.Length));
        return new BpfGlobalSection(name, new SectionMemory(arena, memory, start, image.ToArray()), isReadOnly: false);
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
