namespace Hypermesh.Bpf;

/// <summary>Where an XDP program runs.</summary>
public enum XdpMode
{
    /// <summary>In the driver where it can, else after it.</summary>
    Default = 0,

    /// <summary>After the driver, for any device; slower (<c>XDP_FLAGS_SKB_MODE</c>).</summary>
    Generic = 1 << 1,

    /// <summary>In the driver, or not at all (<c>XDP_FLAGS_DRV_MODE</c>).</summary>
    Native = 1 << 2,

    /// <summary>On the card, or not at all (<c>XDP_FLAGS_HW_MODE</c>).</summary>
    Offload = 1 << 3,
}
