using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.KernelObjects;

/// <summary>BPF_OBJ_GET_INFO_BY_FD for each kind of object (4.13; links 5.8).</summary>
internal static unsafe class ObjectInfo
{
    internal static RawMapInfo Map(BpfHandle handle) => Read<RawMapInfo>(handle, "map");

    internal static RawProgramInfo Program(BpfHandle handle) => Read<RawProgramInfo>(handle, "program");

    internal static RawLinkInfo Link(BpfHandle handle) => Read<RawLinkInfo>(handle, "link");

    /// <summary>Reads the information, with buffers that the caller passes in it; with a tolerated errno, it stays as the kernel left it.</summary>
    internal static void Link(BpfHandle handle, ref RawLinkInfo info, int tolerated) => Read(handle, ref info, "link", tolerated);

    internal static RawBtfInfo Btf(BpfHandle handle) => Read<RawBtfInfo>(handle, "BTF");

    /// <summary>Reads the information, with buffers that the caller passes in it; with a tolerated errno, it stays as the kernel left it.</summary>
    internal static void Btf(BpfHandle handle, ref RawBtfInfo info, int tolerated = 0) => Read(handle, ref info, "BTF", tolerated);

    /// <summary>Reads the information, with buffers that the caller passes in it.</summary>
    internal static void Program(BpfHandle handle, ref RawProgramInfo info) => Read(handle, ref info, "program", tolerated: 0);

    private static T Read<T>(BpfHandle handle, string kind)
        where T : unmanaged
    {
        T info = default;
        Read(handle, ref info, kind, tolerated: 0);
        return info;
    }

    private static void Read<T>(BpfHandle handle, ref T info, string kind, int tolerated)
        where T : unmanaged
    {
        using HandleUse use = handle.Use();
        fixed (T* start = &info)
        {
            ObjectInfoAttr attributes = default;
            attributes.BpfFd = (uint)use.Descriptor;
            attributes.InfoLen = (uint)sizeof(T);
            attributes.Info = (ulong)start;
            long result = handle.Kernel.Bpf(BpfCommand.ObjectGetInfoByDescriptor, &attributes, (uint)sizeof(ObjectInfoAttr));
            if (result < 0 && result != -tolerated)
            {
                throw KernelErrors.Of(handle.Kernel, BpfCommand.ObjectGetInfoByDescriptor, result, $"Reading the information of {handle.Subject ?? "a " + kind}");
            }
        }
    }
}
