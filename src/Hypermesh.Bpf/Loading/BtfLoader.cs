using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Hands the object's types to the kernel, which then shows map contents by name and C lines in the verifier's log. They are no
/// condition for most programs, so a kernel that refuses them gets none.
/// </summary>
internal static unsafe class BtfLoader
{
    /// <summary>Loads the types.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="spec">The object.</param>
    /// <param name="refused">Why the kernel took none, null when it did or the object has none.</param>
    /// <returns>Their descriptor, or null.</returns>
    internal static BpfHandle? Load(IKernel kernel, BpfObjectSpec spec, out BpfSyscallException? refused)
    {
        refused = null;
        if (LoadableBtf.Create(spec) is not { } blob)
        {
            return null;
        }

        fixed (byte* bytes = blob)
        {
            BtfLoadAttr attributes = default;
            attributes.Btf = (ulong)bytes;
            attributes.BtfSize = (uint)blob.Length;
            long result = kernel.Bpf(BpfCommand.BtfLoad, &attributes, (uint)sizeof(BtfLoadAttr));
            if (result >= 0)
            {
                return new BpfHandle(kernel, result);
            }

            refused = KernelErrors.Of(kernel, BpfCommand.BtfLoad, result, $"Loading the types of {spec.Name}", Capabilities.Bpf, spec.Name);
            return null;
        }
    }
}
