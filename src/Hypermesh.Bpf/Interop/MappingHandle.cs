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

    /// <summary>Maps, or answers the negative errno in <paramref name="result"/> and null.</summary>
    internal static MappingHandle? TryMap(
        IKernel kernel, nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset, out long result)
    {
        result = kernel.MemoryMap(length, protection, mapping, descriptor, offset);
        return result < 0 ? null : new MappingHandle(kernel, (nint)result, length);
    }

    /// <summary>Maps at an address of the caller's choice, where nothing may be mapped yet.</summary>
    internal static MappingHandle? TryMapAt(
        IKernel kernel, nint address, nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, out long result)
    {
        result = kernel.MemoryMapAt(address, length, protection, mapping, descriptor, 0);
        return result < 0 ? null : new MappingHandle(kernel, (nint)result, length);
    }

    /// <summary>Names what is mapped, such as "map counts of exec".</summary>
    internal MappingHandle Named(string subject)
    {
        Subject = subject;
        return this;
    }

    internal MappingUse Use() => new(this);

    protected override bool ReleaseHandle() => _kernel.MemoryUnmap(handle, Length) == 0;
}
