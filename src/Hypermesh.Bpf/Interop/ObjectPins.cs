using System.Text;

namespace Hypermesh.Bpf.Interop;

/// <summary>Names in the BPF file system: BPF_OBJ_PIN, BPF_OBJ_GET (4.4).</summary>
internal static unsafe class ObjectPins
{
    internal static void Pin(BpfHandle handle, string path, string what, string? objectName = null, string? subjectName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using HandleUse use = handle.Use();
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            ObjectPinAttr attributes = default;
            attributes.Pathname = (ulong)name;
            attributes.BpfFd = (uint)use.Descriptor;
            long result = handle.Kernel.Bpf(BpfCommand.ObjectPin, &attributes, (uint)sizeof(ObjectPinAttr));
            if (result < 0)
            {
                throw KernelErrors.Of(handle.Kernel, BpfCommand.ObjectPin, result, $"{what} at {path}", objectName: objectName, subjectName: subjectName, detail: result switch
                {
                    -Errno.EPERM => "The path may lie in no BPF file system (mount -t bpf bpf /sys/fs/bpf), or its last part has a dot.",
                    -Errno.ENOENT => "The directory is not there.",
                    _ => null,
                });
            }
        }
    }

    internal static void Remove(IKernel kernel, string path, string what, string? objectName = null, string? subjectName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long result = kernel.Unlink(path);
        if (result < 0)
        {
            throw KernelErrors.Of(kernel, "unlink", result, $"{what} from {path}", Capabilities.None, objectName, subjectName);
        }
    }

    internal static BpfHandle Open(IKernel kernel, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            ObjectPinAttr attributes = default;
            attributes.Pathname = (ulong)name;
            long result = kernel.Bpf(BpfCommand.ObjectGet, &attributes, (uint)sizeof(ObjectPinAttr));
            return result >= 0 ? new BpfHandle(kernel, result) : throw KernelErrors.Of(kernel, BpfCommand.ObjectGet, result, $"Opening what is pinned at {path}");
        }
    }
}
