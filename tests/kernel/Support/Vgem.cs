using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>The kernel's virtual graphics driver, which has no device and makes fences on request.</summary>
internal sealed unsafe partial class Vgem : IDisposable
{
    private const uint CreateDumb = 0xC02064B2;
    private const uint FenceAttach = 0xC0106441;
    private const uint FenceSignal = 0x40086442;

    private readonly SafeFileHandle _card;
    private readonly uint _buffer;

    internal Vgem()
    {
        _card = File.OpenHandle(Card!, FileMode.Open, FileAccess.ReadWrite);

        // struct drm_mode_create_dumb: height, width, bpp, flags, handle, pitch, size.
        uint* dumb = stackalloc uint[8];
        (dumb[0], dumb[1], dumb[2]) = (16, 16, 32);
        Call(CreateDumb, dumb);
        _buffer = dumb[4];
    }

    internal static bool IsPresent => Card is not null;

    private static string? Card => Directory.Exists("/sys/class/drm")
        ? Directory.EnumerateFileSystemEntries("/sys/class/drm", "card*").Where(static card => Directory.ResolveLinkTarget(card, true)!.FullName.Contains("vgem", StringComparison.Ordinal))
            .Select(static card => "/dev/dri/" + Path.GetFileName(card)).FirstOrDefault(File.Exists)
        : null;

    public void Dispose() => _card.Dispose();

    /// <summary>Makes a fence, and signals it after something was done.</summary>
    internal void Fence(Action meanwhile)
    {
        // struct drm_vgem_fence_attach: handle, flags, out_fence, pad.
        uint* attach = stackalloc uint[4];
        (attach[0], attach[1], attach[2], attach[3]) = (_buffer, 1, 0, 0);
        Call(FenceAttach, attach);
        meanwhile();
        uint* signal = stackalloc uint[2];
        (signal[0], signal[1]) = (attach[2], 0);
        Call(FenceSignal, signal);
    }

    private void Call(uint request, void* argument)
        => Assert.True(Control((int)_card.DangerousGetHandle(), request, argument) == 0, $"ioctl {request:x}: errno {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int file, nuint request, void* argument);
}
