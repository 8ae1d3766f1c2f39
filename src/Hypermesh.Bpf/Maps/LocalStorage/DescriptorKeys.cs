namespace Hypermesh.Bpf;

/// <summary>Files and directories that stand for what a map's element belongs to.</summary>
internal static class DescriptorKeys
{
    internal static BpfHandle Open(BpfMap map, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long result = map.Descriptor.Kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        return result >= 0
            ? new BpfHandle(map.Descriptor.Kernel, result)
            : throw KernelErrors.Of(
                map.Descriptor.Kernel, "open", result, $"Opening {path} for map {map.Name}", Capabilities.None, map.Descriptor.ObjectName, map.Name);
    }
}
