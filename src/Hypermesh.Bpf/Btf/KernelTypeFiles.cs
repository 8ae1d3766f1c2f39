using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>Finds the types of the running kernel: in sysfs, or in a vmlinux at one of the paths that distributions use.</summary>
internal static class KernelTypeFiles
{
    internal const string Own = "/sys/kernel/btf/vmlinux";

    // {0} is the release, as in uname -r; libbpf's places, in its order.
    private static readonly string[] s_places =
    [
        "/boot/vmlinux-{0}",
        "/lib/modules/{0}/vmlinux-{0}",
        "/lib/modules/{0}/build/vmlinux",
        "/usr/lib/modules/{0}/kernel/vmlinux",
        "/usr/lib/debug/boot/vmlinux-{0}",
        "/usr/lib/debug/boot/vmlinux-{0}.debug",
        "/usr/lib/debug/lib/modules/{0}/vmlinux",
    ];

    /// <summary>Opens and reads the types.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="isShared">True for an image that can be disposed while others read it.</param>
    /// <returns>The types, and the image to dispose when they are no longer used.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">None of the known files has the types.</exception>
    /// <exception cref="BpfSyscallException">The types cannot be read.</exception>
    internal static (KernelImage Image, BtfTypes Types) Open(IKernel kernel, bool isShared = false)
    {
        if (KernelImage.TryOpen(kernel, Own, isShared, out long error) is { } own)
        {
            return (own, Read(own, Own));
        }

        if (error is not (-Errno.ENOENT or -Errno.ENODATA))
        {
            throw KernelErrors.Of(kernel, "open", error, $"Reading {Own}");
        }

        string release = KernelVersion.Release(kernel) ?? "";
        foreach (string place in s_places.Select(place => place.Replace("{0}", release, StringComparison.Ordinal)))
        {
            if (KernelImage.TryOpen(kernel, place, isShared, out _) is not { } image)
            {
                continue;
            }

            try
            {
                return (image, Read(image, place));
            }
            catch (BpfObjectFormatException)
            {
                // This vmlinux was stripped of its types; another file may have them.
            }
        }

        string elsewhere = $"its vmlinux with types at one of {string.Join(", ", s_places).Replace("{0}", release, StringComparison.Ordinal)}; or, for CO-RE alone, a file of types in BpfLoadOptions.KernelTypes";
        throw new BpfFeatureNotSupportedException(
            "The kernel's type information (BTF)",
            error == -Errno.ENODATA || KernelConfigText.Has(kernel, "CONFIG_DEBUG_INFO_BTF") == true || HoldsTypes(kernel)
                ? $"{Own}, which this kernel has and which is {(error == -Errno.ENODATA ? "empty" : "hidden")} here, as under a container's mount: mount sysfs at /sys, or bind the host's file to this path; or {elsewhere}"
                : $"a kernel built with CONFIG_DEBUG_INFO_BTF=y (5.4), and sysfs mounted; or {elsewhere}",
            "open", null, Errno.ESRCH);
    }

    // The types of the kernel and of its modules have IDs, and listing them requires CAP_SYS_ADMIN. The kernel's own is usually the first.
    private static bool HoldsTypes(IKernel kernel)
    {
        try
        {
            foreach (LoadedBtf btf in LoadedBtf.OpenAll(kernel))
            {
                using (btf)
                {
                    if (btf.IsKernel)
                    {
                        return true;
                    }
                }
            }
        }
        catch (BpfSyscallException)
        {
            // Listing is not permitted, so nothing is known.
        }

        return false;
    }

    private static BtfTypes Read(KernelImage image, string path)
    {
        try
        {
            return BtfTypes.ReadFile(image.Memory, path);
        }
        catch
        {
            ((IDisposable)image).Dispose();
            throw;
        }
    }
}
