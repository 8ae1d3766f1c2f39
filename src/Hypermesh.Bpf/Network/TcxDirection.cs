namespace Hypermesh.Bpf;

/// <summary>Which packets of a device a traffic classifier sees.</summary>
public enum TcxDirection
{
    /// <summary>Those that come in.</summary>
    Ingress,

    /// <summary>Those that go out.</summary>
    Egress,
}
