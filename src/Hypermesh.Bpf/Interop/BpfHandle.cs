using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>A descriptor and the kernel it belongs to. It is closed once, through that kernel, when the last user has released it.</summary>
internal sealed class BpfHandle : SafeHandle, INamedHandle
{
    internal BpfHandle(IKernel kernel, long descriptor)
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
        Kernel = kernel;
        SetHandle((nint)descriptor);
    }

    public override bool IsInvalid => handle < 0;

    internal IKernel Kernel { get; }

    /// <inheritdoc/>
    public string? Subject { get; init; }

    /// <summary>Holds the descriptor open until the returned value is disposed; a closed one throws <see cref="ObjectDisposedException"/>.</summary>
    internal HandleUse Use() => new(this);

    protected override bool ReleaseHandle() => Kernel.Close((int)handle) == 0;
}

/// <summary>A handle that can say what it belongs to.</summary>
internal interface INamedHandle
{
    /// <summary>Name used in <see cref="ObjectDisposedException"/>: "map counts of exec"; null where it has none.</summary>
    string? Subject { get; }
}

/// <summary>A descriptor in use: it is not closed before this is disposed. Disposing one copy ends all copies.</summary>
internal readonly ref struct HandleUse : IDisposable
{
    private readonly HandleLease? _lease;
    private readonly long _number;

    internal HandleUse(BpfHandle handle) => _lease = HandleLease.Take(handle, out _number);

    /// <summary>The descriptor; -1 for the default value, which holds none.</summary>
    internal int Descriptor => _lease is null ? -1 : (int)_lease.Value(_number);

    public void Dispose() => _lease?.Return(_number);
}

/// <summary>A caller's descriptor in use: it is not closed before this is disposed. Disposing one copy ends all copies.</summary>
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

/// <summary>A reference that keeps a descriptor open, even if its owner closes it, because undoing an operation needs it.</summary>
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
