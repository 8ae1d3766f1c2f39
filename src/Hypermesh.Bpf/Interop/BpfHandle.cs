using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>A descriptor and the kernel it belongs to: closed once, through that kernel, when the last user is done.</summary>
internal sealed class BpfHandle : SafeHandle
{
    internal BpfHandle(IKernel kernel, long descriptor)
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
        Kernel = kernel;
        SetHandle((nint)descriptor);
    }

    public override bool IsInvalid => handle < 0;

    internal IKernel Kernel { get; }

    /// <summary>What it is, for who uses it after it was closed: "map counts of exec".</summary>
    internal string? Subject { get; init; }

    /// <summary>Holds the descriptor open while the answer lives; a closed one throws <see cref="ObjectDisposedException"/>.</summary>
    internal HandleUse Use() => new(this);

    protected override bool ReleaseHandle() => Kernel.Close((int)handle) == 0;
}
