using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>
/// A map as the loader made it: its descriptor and what it was created with. A typed map is a view over it; all views of a map share it.
/// It belongs to the live object and is closed with it; what uses it afterwards throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed class BpfMapDescriptor : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _dependents = [];
    private readonly BpfHandle? _handle;
    private RingReader? _ring;
    private bool _disposed;

    internal BpfMapDescriptor(IKernel kernel, BpfMapDefinition definition, BpfHandle? handle, string? objectName = null)
    {
        Kernel = kernel;
        Definition = definition;
        ObjectName = objectName;
        _handle = handle;
    }

    /// <summary>The map's name in the object; the kernel keeps its first 15 bytes.</summary>
    public string Name => Definition.Name;

    /// <summary>The name of the object it belongs to, null for a map made alone.</summary>
    public string? ObjectName { get; }

    /// <summary>The kind of map.</summary>
    public BpfMapType Type => Definition.Type;

    /// <summary>The size of a key in bytes, 0 for kinds without.</summary>
    public uint KeySize => Definition.KeySize;

    /// <summary>The size of a value in bytes (on one CPU, for per-CPU kinds), 0 for kinds without.</summary>
    public uint ValueSize => Definition.ValueSize;

    /// <summary>How many entries it may hold; the size in bytes of a ring buffer.</summary>
    public uint MaxEntries => Definition.MaxEntries;

    /// <summary>The flags it was created with (<c>BPF_F_…</c>).</summary>
    public uint Flags => Definition.Flags;

    /// <summary>False when the spec had it switched off: there is nothing to read or write.</summary>
    public bool IsCreated => _handle is not null;

    /// <summary>The kernel's number of the map, as <c>bpftool map</c> shows it.</summary>
    /// <exception cref="BpfException">The map was not created.</exception>
    /// <exception cref="ObjectDisposedException">The map is closed.</exception>
    public uint Id => ObjectInfo.Map(Created).Id;

    /// <summary>The descriptor, for calls this SDK does not make. It stays owned by the live object.</summary>
    /// <exception cref="BpfException">The map was not created.</exception>
    public SafeHandle Handle => Created;

    internal IKernel Kernel { get; }

    internal BpfMapDefinition Definition { get; }

    /// <summary>Found out at the first batch: the kernel (before 5.6) or the kind of map has none.</summary>
    internal bool HasNoBatch { get; set; }

    internal BpfHandle Created => _handle
        ?? throw new BpfException($"Map {Name} was not created: it was switched off in the spec.", ObjectName, Name);

    /// <summary>The one reader of a ring buffer, made at first use and shared by all views of the map.</summary>
    internal RingReader Ring
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (_ring is null)
                {
                    _ring = RingReader.Open(this);
                    _dependents.Add(_ring);
                }

                return _ring;
            }
        }
    }

    /// <summary>Ends its readers and mappings, then closes the descriptor.</summary>
    public void Dispose()
    {
        EndReaders();
        _handle?.Dispose();
    }

    /// <summary>Ends what reads the map through more than a call: waiting readers return, mappings go with their last access. The descriptor stays.</summary>
    internal void EndReaders()
    {
        IDisposable[] dependents;
        lock (_gate)
        {
            _disposed = true;
            dependents = [.. _dependents];
            _dependents.Clear();
        }

        foreach (IDisposable dependent in dependents)
        {
            dependent.Dispose();
        }
    }

    /// <summary>Freezes the map for user space (5.2): no update or deletion from here on.</summary>
    internal unsafe void Freeze()
    {
        using HandleUse use = Use();
        MapElementAttr attributes = default;
        attributes.MapFd = (uint)use.Descriptor;
        long result = Kernel.Bpf(BpfCommand.MapFreeze, &attributes, (uint)sizeof(MapElementAttr));
        if (result < 0)
        {
            throw KernelErrors.Of(Kernel, BpfCommand.MapFreeze, result, $"Freezing map {Name}", Capabilities.Bpf, ObjectName, Name);
        }
    }

    internal HandleUse Use() => Created.Use();

    /// <summary>Takes something that must end before the descriptor closes: a reader, a mapping.</summary>
    internal void AddDependent(IDisposable dependent)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _dependents.Add(dependent);
        }
    }
}
