using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>Base class of maps of maps: their inner maps have the same definition, and are created from the object's prototype.</summary>
/// <typeparam name="TInner">The typed view of an inner map.</typeparam>
public abstract unsafe class BpfMapOfMaps<TInner> : BpfMap
    where TInner : BpfMap
{
    private readonly Func<BpfMapHandle, TInner> _view;

    private protected BpfMapOfMaps(BpfMapHandle handle, Func<BpfMapHandle, TInner> view, BpfMapType type)
        : base(handle, [type])
    {
        ArgumentNullException.ThrowIfNull(view);
        _view = view;
    }

    /// <summary>Creates an inner map from the prototype. The outer map's <c>Set</c> stores it; from then on the outer map holds it.</summary>
    /// <remarks>Up to 6.1 the kernel also compares the BTF types of both, so that a map created by hand with the same sizes, but without types, is rejected with EINVAL.</remarks>
    /// <param name="maxEntries">The maximum number of entries, if it differs from the prototype; null for the prototype's.</param>
    /// <returns>The map; the caller disposes it.</returns>
    /// <exception cref="BpfException">The object has no prototype of the inner maps.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public TInner CreateInner(uint? maxEntries = null)
    {
        BpfMapDefinition pattern = MapHandle.Definition.Inner ?? MapHandle.Definition.InnerMap?.Definition
            ?? throw new BpfException($"Map {Name} has no prototype of its inner maps: declare one with __array(values, …).", MapHandle.ObjectName, Name);
        BpfMapHandle made = MapCreator.Create(MapHandle.Kernel, pattern with { MaxEntries = maxEntries ?? pattern.MaxEntries }, MapHandle.ObjectName);
        return View(made);
    }

    private protected TInner OpenById(uint id)
        => View(MapDescriptions.Describe(MapDescriptions.OpenById(MapHandle, id), name: null, MapHandle.ObjectName, $"The object that map {Name} holds"));

    private protected void Put(void* key, BpfMap inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        using HandleUse use = inner.MapHandle.Use();
        int descriptor = use.Descriptor;
        this.Updated(MapCalls.Update(MapHandle, key, &descriptor, UpdateMode.Any), UpdateMode.Any, () => InnerMaps.Unlike(MapHandle, inner.MapHandle));
    }

    private protected bool TryGet(void* key, out uint id)
    {
        uint found = 0;
        bool there = this.WasFound(MapCalls.Lookup(MapHandle, key, &found), BpfCommand.MapLookupElement, "Reading");
        id = found;
        return there;
    }

    private TInner View(BpfMapHandle inner)
    {
        try
        {
            TInner view = _view(inner);
            view.OwnsHandle = true;
            return view;
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }
}

/// <summary>Maps by index (<c>BPF_MAP_TYPE_ARRAY_OF_MAPS</c>, 4.12).</summary>
/// <typeparam name="TInner">The typed view of an inner map.</typeparam>
public sealed unsafe class BpfArrayOfMaps<TInner> : BpfMapOfMaps<TInner>
    where TInner : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <param name="view">Creates the typed view of an inner map's handle, such as <c>inner =&gt; new BpfHashMap&lt;uint, ulong&gt;(inner)</c>.</param>
    /// <exception cref="BpfException">The map is of another type, or its key's size is not that of the type.</exception>
    public BpfArrayOfMaps(BpfMapHandle handle, Func<BpfMapHandle, TInner> view)
        : base(handle, view, BpfMapType.ArrayOfMaps)
        => CheckKey<int>();

    /// <summary>Stores an inner map; it replaces the previous one.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="inner">The inner map.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the map does not match the prototype.</exception>
    public void Set(int index, BpfMap inner)
    {
        this.CheckIndex(index);
        Put(&index, inner);
    }

    /// <summary>Gets the ID of the map in an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="mapId">The kernel's ID of the inner map.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetId(int index, out uint mapId)
    {
        this.CheckIndex(index);
        return TryGet(&index, out mapId);
    }

    /// <summary>Opens the map in an element. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="index">The index of the element.</param>
    /// <returns>The inner map, which the caller disposes; null when there is none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public TInner? Open(int index) => TryGetId(index, out uint id) ? OpenById(id) : null;

    /// <summary>Removes an inner map.</summary>
    /// <param name="index">The index of the element.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(int index)
    {
        this.CheckIndex(index);
        return this.WasFound(MapCalls.Delete(MapHandle, &index), BpfCommand.MapDeleteElement, "Removing from");
    }
}

/// <summary>Maps by key (<c>BPF_MAP_TYPE_HASH_OF_MAPS</c>, 4.12).</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
/// <typeparam name="TInner">The typed view of an inner map.</typeparam>
public sealed unsafe class BpfHashOfMaps<TKey, TInner> : BpfMapOfMaps<TInner>
    where TKey : unmanaged
    where TInner : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <param name="view">Creates the typed view of an inner map's handle, such as <c>inner =&gt; new BpfHashMap&lt;uint, ulong&gt;(inner)</c>.</param>
    /// <exception cref="BpfException">The map is of another type, or its key's size is not that of the type.</exception>
    public BpfHashOfMaps(BpfMapHandle handle, Func<BpfMapHandle, TInner> view)
        : base(handle, view, BpfMapType.HashOfMaps)
        => CheckKey<TKey>();

    /// <summary>Stores an inner map; it replaces the previous one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="inner">The inner map.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the map does not match the prototype.</exception>
    public void Set(in TKey key, BpfMap inner)
    {
        fixed (TKey* k = &key)
        {
            Put(k, inner);
        }
    }

    /// <summary>Gets the ID of the map with a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="mapId">The kernel's ID of the inner map.</param>
    /// <returns>False when there is no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetId(in TKey key, out uint mapId)
    {
        fixed (TKey* k = &key)
        {
            return TryGet(k, out mapId);
        }
    }

    /// <summary>Opens the map with a key. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The inner map, which the caller disposes; null when there is none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public TInner? Open(in TKey key) => TryGetId(in key, out uint id) ? OpenById(id) : null;

    /// <summary>Removes an inner map.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            return this.WasFound(MapCalls.Delete(MapHandle, k), BpfCommand.MapDeleteElement, "Removing from");
        }
    }
}

/// <summary>Compares an inner map with the prototype, like the kernel.</summary>
internal static class InnerMaps
{
    /// <summary>Returns how an inner map differs from the prototype; null if that is not known, or no difference is visible.</summary>
    internal static string? Unlike(BpfMapHandle outer, BpfMapHandle inner)
    {
        BpfMapDefinition? pattern = outer.Definition.Inner ?? outer.Definition.InnerMap?.Definition;
        return pattern is null || MapDescriptions.Difference(MapCreator.Normalize(outer.Kernel, pattern), inner.Definition) is not { } difference
            ? null
            : $"Map {inner.Name} differs from the inner map that {outer.Name} was declared with: {difference}. Create it with CreateInner, or declare both with the same definition.";
    }
}
