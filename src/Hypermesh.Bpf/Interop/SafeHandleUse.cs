using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>Someone else's descriptor in use: it is not closed before this is disposed. Copies end together.</summary>
internal readonly ref struct SafeHandleUse : IDisposable
{
    private readonly HandleLease _lease;
    private readonly long _number;

    internal SafeHandleUse(SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        _lease = HandleLease.Take(handle, out _number);
    }

    internal int Descriptor => (int)_lease.Value(_number);

    public void Dispose() => _lease.Return(_number);
}
