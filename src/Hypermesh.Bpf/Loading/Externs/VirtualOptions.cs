using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>The options that stand in no configuration: the loader finds them out.</summary>
internal static class VirtualOptions
{
    private const string Prefix = "LINUX_";

    private static readonly Dictionary<string, Func<IKernel, ulong>> s_known = new(StringComparer.Ordinal)
    {
        ["LINUX_KERNEL_VERSION"] = static kernel => KernelVersion.Code(kernel) is > 0 and uint code
            ? code
            : throw new BpfException("The kernel's version cannot be told: /proc is not mounted, or has no release in its sys/kernel/osrelease.", null, "LINUX_KERNEL_VERSION"),
        ["LINUX_HAS_BPF_COOKIE"] = static kernel => Has(kernel, KernelFeatures.AttachCookie),
        ["LINUX_HAS_SYSCALL_WRAPPER"] = static kernel => Has(kernel, SyscallWrapper.Test),
    };

    /// <summary>The value; 0 for one of these names that is weak and not known here.</summary>
    internal static ulong ValueOf(IKernel kernel, BpfObjectSpec spec, ExternSpec option)
    {
        if (s_known.TryGetValue(option.Name, out Func<IKernel, ulong>? find))
        {
            return find(kernel);
        }

        return option.IsWeak && option.Name.StartsWith(Prefix, StringComparison.Ordinal)
            ? 0ul
            : throw new BpfException(
                $"Object {spec.Name}: '{option.Name}' is declared __kconfig, and is neither an option of the kernel (CONFIG_…) nor one of {string.Join(", ", s_known.Keys)}.", spec.Name, option.Name);
    }

    private static ulong Has(IKernel kernel, FeatureTest feature) => feature.Check(kernel).State == BpfFeatureState.Supported ? 1ul : 0;
}
