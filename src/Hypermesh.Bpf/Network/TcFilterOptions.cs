namespace Hypermesh.Bpf;

/// <summary>How a program becomes a filter of a device's clsact discipline.</summary>
public sealed record TcFilterOptions
{
    /// <summary>Its place: filters run from the lowest number on; 0 lets the kernel choose one before all others.</summary>
    public ushort Priority { get; init; }

    /// <summary>Its number among the filters of that priority; 0 lets the kernel choose.</summary>
    public uint Handle { get; init; }

    /// <summary>True to take the place of the filter of this priority and handle; false: it is refused where there is one.</summary>
    public bool Replace { get; init; }

    /// <summary>Makes the clsact discipline where the device has none. It stays: others may have come to use it (<see cref="NetworkDevice.RemoveClsact"/>).</summary>
    public bool CreateClsact { get; init; } = true;
}
