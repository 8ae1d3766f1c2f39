using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>Where the types of the running kernel are: the kernel gives them itself, else a vmlinux with them lies in one of the places distributions put it to.</summary>
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

    /// <summary>Opens and reads them.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="isShared">True for an image that may be disposed while others read it.</param>
    /// <returns>The image, to be disposed when the types are not used any more, and the types.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">None of the known files has them.</exception>
    /// <exception cref="BpfSyscallException">They cannot be read.</exception>
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
                // A vmlinux that was stripped of its types: another may have them.
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

    // The types of the kernel and of its modules have IDs, which CAP_SYS_ADMIN may list; the kernel's own is the first as a rule.
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
            // They may not be listed: nothing is known.
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
