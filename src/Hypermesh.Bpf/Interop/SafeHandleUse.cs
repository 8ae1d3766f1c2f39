using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>Someone else's descriptor in use: it is not closed before this is disposed.</summary>
internal readonly ref struct SafeHandleUse : IDisposable
{
    private readonly SafeHandle _handle;

    internal SafeHandleUse(SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    internal int Descriptor => (int)_handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
