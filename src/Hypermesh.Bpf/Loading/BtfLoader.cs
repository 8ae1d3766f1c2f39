using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Hands the object's types to the kernel, which then shows map contents by name and C lines in the verifier's log. They are no
/// condition for most programs, so a kernel that refuses them gets none.
/// </summary>
internal static class BtfLoader
{
    /// <summary>Loads the types.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="spec">The object.</param>
    /// <param name="token">The token that permits it, null without.</param>
    /// <param name="refused">Why the kernel took none, null when it did or the object has none.</param>
    /// <returns>Their descriptor, or null.</returns>
    internal static BpfHandle? Load(IKernel kernel, BpfObjectSpec spec, BpfToken? token, out BpfSyscallException? refused)
    {
        refused = null;
        if (LoadableBtf.Create(spec) is not { } blob)
        {
            return null;
        }

        long result = BtfCalls.TryLoad(kernel, blob, token?.Permission);
        if (result >= 0)
        {
            return new BpfHandle(kernel, result);
        }

        refused = KernelErrors.Of(kernel, BpfCommand.BtfLoad, result, $"Loading the types of {spec.Name}", Capabilities.Bpf, spec.Name);
        return null;
    }
}
