using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>A descriptor that stays open for as long as something made with it must be undone with it, whoever else closes it.</summary>
internal sealed class HeldHandle : IDisposable
{
    private readonly SafeHandle _handle;
    private bool _released;

    internal HeldHandle(SafeHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    internal int Descriptor => (int)_handle.DangerousGetHandle();

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _released, true))
        {
            _handle.DangerousRelease();
        }
    }
}
