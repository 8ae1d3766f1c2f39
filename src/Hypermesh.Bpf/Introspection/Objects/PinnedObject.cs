using System.Text;

namespace Hypermesh.Bpf;

/// <summary>Opens what is pinned in a BPF file system, of the kind that is wanted.</summary>
internal static unsafe class PinnedObject
{
    /// <summary>Opens a pin.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="path">The file.</param>
    /// <param name="kind"><c>prog</c>, <c>map</c> or <c>link</c>: how the kernel begins the second line of a descriptor's information.</param>
    internal static BpfHandle Open(IKernel kernel, string path, string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long descriptor;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            ObjectPinAttr attributes = default;
            attributes.Pathname = (ulong)name;
            descriptor = kernel.Bpf(BpfCommand.ObjectGet, &attributes, (uint)sizeof(ObjectPinAttr));
        }

        if (descriptor < 0)
        {
            throw KernelErrors.Of(kernel, BpfCommand.ObjectGet, descriptor, $"Opening what is pinned at {path}", Capabilities.Bpf);
        }

        var handle = new BpfHandle(kernel, descriptor);
        string information = kernel.TryReadText($"/proc/self/fdinfo/{descriptor}", out _) ?? "";
        if (information.Contains($"\n{kind}_type:", StringComparison.Ordinal))
        {
            return handle;
        }

        handle.Dispose();
        throw new BpfException($"What is pinned at {path} is no {kind}.", null, path);
    }
}
