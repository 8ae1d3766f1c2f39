namespace Hypermesh.Bpf.Interop;

/// <summary>A descriptor in use: it is not closed before this is disposed. Copies end together.</summary>
internal readonly ref struct HandleUse : IDisposable
{
    private readonly HandleLease? _lease;
    private readonly long _number;

    internal HandleUse(BpfHandle handle) => _lease = HandleLease.Take(handle, out _number);

    /// <summary>The descriptor; -1 for the default value, which holds none.</summary>
    internal int Descriptor => _lease is null ? -1 : (int)_lease.Value(_number);

    public void Dispose() => _lease?.Return(_number);
}
