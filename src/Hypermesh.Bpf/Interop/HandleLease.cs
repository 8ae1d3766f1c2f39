using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Interop;

/// <summary>
/// One reference to a handle, for a struct that its user disposes. A struct can be copied, and each copy would release the reference again. The struct therefore holds a lease and the
/// number under which it was taken. The copy that is disposed first ends the lease and changes its number; all other copies then do nothing, or throw.
/// </summary>
/// <remarks>The structs are ref structs and never leave their thread. Each thread reuses its own leases, without a lock, and without an allocation after the first use.</remarks>
internal sealed class HandleLease
{
    [ThreadStatic]
    private static HandleLease? s_spare;

    private HandleLease? _next;
    private SafeHandle? _handle;
    private long _number;

    private HandleLease()
    {
    }

    /// <summary>Takes a reference; a handle that is closed throws <see cref="ObjectDisposedException"/> with its subject.</summary>
    internal static HandleLease Take(SafeHandle handle, out long number)
    {
        HandleLease lease = s_spare ?? new HandleLease();
        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
        }
        catch (ObjectDisposedException)
        {
            // The default message names an internal type of this library.
            throw new ObjectDisposedException((handle as INamedHandle)?.Subject ?? handle.GetType().FullName);
        }

        s_spare = lease._next;
        lease._handle = handle;
        number = lease._number;
        return lease;
    }

    internal bool IsHeld(long number) => _number == number;

    /// <summary>The handle's value, which is valid until the lease is returned.</summary>
    /// <exception cref="ObjectDisposedException">The lease was returned, by this holder or by a copy of it.</exception>
    internal nint Value(long number)
    {
        if (_number != number)
        {
            ThrowEnded();
        }

        return _handle!.DangerousGetHandle();
    }

    /// <summary>Releases the reference, unless it was already released under this number.</summary>
    internal void Return(long number)
    {
        if (_number != number)
        {
            return;
        }

        SafeHandle handle = _handle!;
        _number++;
        _handle = null;
        _next = s_spare;
        s_spare = this;
        handle.DangerousRelease();
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal static void ThrowEnded() => throw new ObjectDisposedException(null, "This use has ended: it, or a copy of it, was disposed already.");
}
