namespace Hypermesh.Bpf;

/// <summary>What maps of maps have in common: their inner maps are alike, and are made from the object's pattern.</summary>
/// <typeparam name="TInner">The typed map over an inner map.</typeparam>
public abstract unsafe class BpfMapOfMaps<TInner> : BpfMap
    where TInner : BpfMap
{
    private readonly Func<BpfMapDescriptor, TInner> _view;

    private protected BpfMapOfMaps(BpfMapDescriptor descriptor, Func<BpfMapDescriptor, TInner> view, BpfMapType type)
        : base(descriptor, [type])
    {
        ArgumentNullException.ThrowIfNull(view);
        _view = view;
    }

    /// <summary>Makes an inner map like the pattern; it is put in by the outer map's <c>Set</c>, and the outer map holds it from then on.</summary>
    /// <remarks>Up to 6.1 the kernel also compares the BTF types of both, so that a map made by hand with the same sizes, but without types, is refused with EINVAL.</remarks>
    /// <param name="maxEntries">How many entries, where it is to differ from the pattern; null as the pattern.</param>
    /// <returns>The map; the caller disposes its descriptor.</returns>
    /// <exception cref="BpfException">The object has no pattern of it.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public TInner CreateInner(uint? maxEntries = null)
    {
        BpfMapDefinition pattern = Descriptor.Definition.Inner ?? Descriptor.Definition.InnerMap?.Definition
            ?? throw new BpfException($"Map {Name} has no pattern of its inner maps: declare one with __array(values, …).", Descriptor.ObjectName, Name);
        BpfMapDescriptor made = MapCreator.Create(Descriptor.Kernel, pattern with { MaxEntries = maxEntries ?? pattern.MaxEntries }, Descriptor.ObjectName);
        return View(made);
    }

    private protected TInner OpenById(uint id)
        => View(MapDescriptions.Describe(MapDescriptions.OpenById(Descriptor, id), name: null, Descriptor.ObjectName, $"What map {Name} holds"));

    private protected void Put(void* key, BpfMap inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        using HandleUse use = inner.Descriptor.Use();
        int descriptor = use.Descriptor;
        this.Updated(MapCalls.Update(Descriptor, key, &descriptor, UpdateMode.Any), UpdateMode.Any);
    }

    private protected bool TryGet(void* key, out uint id)
    {
        uint found = 0;
        bool there = this.WasFound(MapCalls.Lookup(Descriptor, key, &found), BpfCommand.MapLookupElement, "Reading");
        id = found;
        return there;
    }

    private TInner View(BpfMapDescriptor inner)
    {
        try
        {
            return _view(inner);
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }
}
