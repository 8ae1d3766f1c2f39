namespace Hypermesh.Bpf.Interop;

/// <summary>A descriptor in use: it is not closed before this is disposed.</summary>
internal readonly ref struct HandleUse : IDisposable
{
    private readonly BpfHandle? _handle;

    internal HandleUse(BpfHandle handle)
    {
        if (handle.IsClosed)
        {
            throw Closed(handle);
        }

        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    /// <summary>The descriptor; -1 for the default value, which holds none.</summary>
    internal int Descriptor => _handle is null ? -1 : (int)_handle.DangerousGetHandle();

    private static ObjectDisposedException Closed(BpfHandle handle) => new(handle.Subject ?? handle.GetType().FullName);

    public void Dispose() => _handle?.DangerousRelease();
}
