using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

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

        if (error != -Errno.ENOENT)
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

        throw new BpfFeatureNotSupportedException(
            "The kernel's type information (BTF)",
            $"a kernel built with CONFIG_DEBUG_INFO_BTF=y (5.4), and sysfs mounted; or its vmlinux with types at one of {string.Join(", ", s_places).Replace("{0}", release, StringComparison.Ordinal)}; or, for CO-RE alone, a file of types in BpfLoadOptions.KernelTypes",
            "open", null, Errno.ESRCH);
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
