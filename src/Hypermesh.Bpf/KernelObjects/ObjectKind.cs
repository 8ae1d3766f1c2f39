namespace Hypermesh.Bpf.Interop;

/// <summary>What a descriptor of bpf(2) stands for. The call that opens a pin does not say, and takes no wish.</summary>
internal sealed class ObjectKind
{
    internal static readonly ObjectKind Program = new("program", "prog");
    internal static readonly ObjectKind Map = new("map", "map");
    internal static readonly ObjectKind Link = new("link", "link");

    private readonly string _name;
    private readonly string _fact;

    private ObjectKind(string name, string prefix)
    {
        _name = name;
        _fact = $"\n{prefix}_type:";
    }

    /// <summary>Whether a descriptor is one of these, by what /proc says of it; where that cannot be read, nothing speaks against it.</summary>
    internal bool Is(BpfHandle handle)
    {
        using HandleUse use = handle.Use();
        return handle.Kernel.TryReadText($"/proc/self/fdinfo/{use.Descriptor}", out _) is not { } facts || facts.Contains(_fact, StringComparison.Ordinal);
    }

    public override string ToString() => _name;
}
