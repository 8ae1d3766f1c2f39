using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>A descriptor and the kernel it belongs to: closed once, through that kernel, when the last user is done.</summary>
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

    /// <summary>Holds the descriptor open while the answer lives; a closed one throws <see cref="ObjectDisposedException"/>.</summary>
    internal HandleUse Use() => new(this);

    protected override bool ReleaseHandle() => Kernel.Close((int)handle) == 0;
}
