using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>A memory mapping. It is unmapped when the last <see cref="MappingUse"/> has ended, so that no access ever faults.</summary>
internal sealed class MappingHandle : SafeHandle, INamedHandle
{
    private readonly IKernel _kernel;

    private MappingHandle(IKernel kernel, nint address, nuint length)
        : base(invalidHandleValue: -1, ownsHandle: true)
    {
        _kernel = kernel;
        Length = length;
        SetHandle(address);
    }

    public override bool IsInvalid => handle is -1 or 0;

    internal nuint Length { get; }

    /// <inheritdoc/>
    public string? Subject { get; private set; }

    /// <summary>Maps memory, or returns null, with the negative errno in <paramref name="result"/>.</summary>
    internal static MappingHandle? TryMap(
        IKernel kernel, nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset, out long result)
    {
        result = kernel.MemoryMap(length, protection, mapping, descriptor, offset);
        return result < 0 ? null : new MappingHandle(kernel, (nint)result, length);
    }

    /// <summary>Maps memory at an address that the caller chooses, where nothing is mapped yet.</summary>
    internal static MappingHandle? TryMapAt(
        IKernel kernel, nint address, nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, out long result)
    {
        result = kernel.MemoryMapAt(address, length, protection, mapping, descriptor, 0);
        return result < 0 ? null : new MappingHandle(kernel, (nint)result, length);
    }

    /// <summary>Sets the name of the mapping, such as "map counts of exec".</summary>
    internal MappingHandle Named(string subject)
    {
        Subject = subject;
        return this;
    }

    internal MappingUse Use() => new(this);

    protected override bool ReleaseHandle() => _kernel.MemoryUnmap(handle, Length) == 0;
}

/// <summary>
/// A mapping in use: it stays mapped until this is disposed. Using a disposed mapping throws <see cref="ObjectDisposedException"/>. Disposing one copy ends all copies, and none
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

[Flags]
internal enum MemoryMapping
{
    Shared = 1,
    Private = 2,
}

[Flags]
internal enum MemoryProtection
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
}
