using System.IO.Compression;
using System.Text;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Features;

/// <summary>The build configuration of the running kernel: the distribution's file, or else the kernel's own (CONFIG_IKCONFIG_PROC). Either may be compressed.</summary>
internal static class KernelConfigText
{
    private const string OwnPath = "/proc/config.gz";

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">Neither file exists.</exception>
    internal static string Read(IKernel kernel, BpfObjectSpec spec, BpfExternSpec wanted) => TryRead(kernel) ?? throw new BpfFeatureNotSupportedException(
        "The kernel's configuration",
        $"{DistributionPath(kernel) ?? "/boot/config-RELEASE"} or {OwnPath} (CONFIG_IKCONFIG_PROC), for {wanted.Name}; or give the options in BpfLoadOptions.KernelConfig",
        "open", null, Errno.EINVAL, spec.Name, wanted.Name);

    /// <summary>Reads the configuration; null if neither file can be read.</summary>
    internal static string? TryRead(IKernel kernel)
    {
        byte[]? file = (DistributionPath(kernel) is { } path ? kernel.TryReadBytes(path, out _) : null) ?? kernel.TryReadBytes(OwnPath, out _);
        return file is null ? null : Encoding.UTF8.GetString(file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? Unzip(file) : file);
    }

    /// <summary>Whether an option is built in or a module; null where neither file can be read.</summary>
    internal static bool? Has(IKernel kernel, string option)
    {
        try
        {
            return TryRead(kernel) is { } text ? text.Contains($"\n{option}=y\n", StringComparison.Ordinal) || text.Contains($"\n{option}=m\n", StringComparison.Ordinal) : null;
        }
        catch (BpfObjectFormatException)
        {
            return null;
        }
    }

    private static string? DistributionPath(IKernel kernel) => KernelVersion.Release(kernel) is { Length: > 0 } release ? "/boot/config-" + release : null;

    private static ReadOnlySpan<byte> Unzip(byte[] file)
    {
        try
        {
            using var zipped = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
            var plain = new MemoryStream();
            zipped.CopyTo(plain);
            return plain.GetBuffer().AsSpan(0, (int)plain.Length);
        }
        catch (InvalidDataException)
        {
            throw new BpfObjectFormatException(OwnPath, null, null, "the kernel's configuration begins like a gzip file but cannot be decompressed");
        }
    }
}
