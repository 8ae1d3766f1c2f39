namespace Hypermesh.Bpf.Interop;

/// <summary>BPF_OBJ_GET_INFO_BY_FD for each kind of object (4.13; links 5.8).</summary>
internal static unsafe class ObjectInfo
{
    internal static RawMapInfo Map(BpfHandle handle) => Read<RawMapInfo>(handle, "map");

    internal static RawProgramInfo Program(BpfHandle handle) => Read<RawProgramInfo>(handle, "program");

    internal static RawLinkInfo Link(BpfHandle handle) => Read<RawLinkInfo>(handle, "link");

    internal static RawBtfInfo Btf(BpfHandle handle) => Read<RawBtfInfo>(handle, "BTF");

    private static T Read<T>(BpfHandle handle, string kind)
        where T : unmanaged
    {
        T info = default;
        using HandleUse use = handle.Use();
        ObjectInfoAttr attributes = default;
        attributes.BpfFd = (uint)use.Descriptor;
        attributes.InfoLen = (uint)sizeof(T);
        attributes.Info = (ulong)&info;
        long result = handle.Kernel.Bpf(BpfCommand.ObjectGetInfoByDescriptor, &attributes, (uint)sizeof(ObjectInfoAttr));
        return result < 0 ? throw KernelErrors.Of(handle.Kernel, BpfCommand.ObjectGetInfoByDescriptor, result, $"Reading the information of a {kind}") : info;
    }
}
