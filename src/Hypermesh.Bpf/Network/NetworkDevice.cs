namespace Hypermesh.Bpf;

/// <summary>A network interface of this process's network namespace.</summary>
public readonly record struct NetworkDevice
{
    private NetworkDevice(int index, string name)
    {
        Index = index;
        Name = name;
    }

    /// <summary>Its number, from 1.</summary>
    public int Index { get; }

    /// <summary>Its name when it was looked up; it may be renamed.</summary>
    public string Name { get; }

    /// <summary>Finds an interface by name.</summary>
    /// <param name="name">The name, such as <c>eth0</c>.</param>
    /// <exception cref="BpfException">There is none of that name.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static NetworkDevice FromName(string name) => FromName(LinuxKernel.Instance, name);

    /// <summary>Finds an interface by number.</summary>
    /// <param name="index">The number, from 1.</param>
    /// <exception cref="BpfException">There is none of that number.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static NetworkDevice FromIndex(int index) => FromIndex(LinuxKernel.Instance, index);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} (interface {Index})";

    internal static NetworkDevice FromName(IKernel kernel, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        long index = kernel.InterfaceIndex(name);
        return index > 0
            ? new NetworkDevice((int)index, name)
            : throw new BpfException($"There is no network interface {name} in this network namespace.", null, name);
    }

    internal static NetworkDevice FromIndex(IKernel kernel, int index)
        => new(index, (index > 0 ? kernel.InterfaceName(index) : null)
            ?? throw new BpfException($"There is no network interface of number {index} in this network namespace."));
}
