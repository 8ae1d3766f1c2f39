namespace Hypermesh.Bpf.Interop;

/// <summary>
/// A mapping in use: it stays mapped until this is disposed. For a mapping that is disposed already, <see cref="ObjectDisposedException"/> is thrown. Copies end together, and none
/// returns an address after that.
/// </summary>
internal readonly unsafe ref struct MappingUse : IDisposable
{
    private readonly HandleLease? _lease;
    private readonly long _number;

    internal MappingUse(MappingHandle handle) => _lease = HandleLease.Take(handle, out _number);

    /// <summary>False for the default value, and once this or a copy was disposed.</summary>
    internal bool IsHeld => _lease is { } lease && lease.IsHeld(_number);

    /// <summary>Where the mapping begins.</summary>
    /// <exception cref="ObjectDisposedException">This, or a copy of it, was disposed.</exception>
    internal byte* Address
    {
        get
        {
            if (_lease is null)
            {
                HandleLease.ThrowEnded();
            }

            return (byte*)_lease.Value(_number);
        }
    }

    public void Dispose() => _lease?.Return(_number);
}
