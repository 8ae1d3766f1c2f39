namespace Hypermesh.Bpf.Interop;

/// <summary>A mapping in use: it stays mapped until this is disposed. A mapping disposed before throws <see cref="ObjectDisposedException"/>.</summary>
internal readonly unsafe ref struct MappingUse : IDisposable
{
    private readonly MappingHandle _handle;

    internal MappingUse(MappingHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    internal byte* Address => (byte*)_handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
