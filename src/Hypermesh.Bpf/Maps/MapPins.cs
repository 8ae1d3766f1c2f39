using System.Text;

namespace Hypermesh.Bpf;

/// <summary>Maps in the BPF file system: pinning, finding again, and refusing a pin that is another map.</summary>
internal static unsafe class MapPins
{
    internal const string DefaultRoot = "/sys/fs/bpf";

    private const string FileSystemType = "bpf";

    internal static void Pin(BpfMapDescriptor map, string path)
    {
        long result = TryPin(map, path);
        if (result < 0)
        {
            throw Refused(map.Kernel, BpfCommand.ObjectPin, result, $"Pinning map {map.Name} at {path}", path, map.ObjectName, map.Name);
        }
    }

    /// <summary>0 or the negative errno; the directory is made when it is missing and its own is there.</summary>
    internal static long TryPin(BpfMapDescriptor map, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.GetDirectoryName(path) is { Length: > 1 } directory)
        {
            // Whatever is wrong with it, the pin says.
            map.Kernel.MakeDirectory(directory);
        }

        using HandleUse use = map.Use();
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            ObjectPinAttr attributes = default;
            attributes.Pathname = (ulong)name;
            attributes.BpfFd = (uint)use.Descriptor;
            return map.Kernel.Bpf(BpfCommand.ObjectPin, &attributes, (uint)sizeof(ObjectPinAttr));
        }
    }

    /// <summary>What is pinned there, or null and the negative errno.</summary>
    internal static BpfHandle? TryOpen(IKernel kernel, string path, out long result)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            ObjectPinAttr attributes = default;
            attributes.Pathname = (ulong)name;
            result = kernel.Bpf(BpfCommand.ObjectGet, &attributes, (uint)sizeof(ObjectPinAttr));
        }

        return result < 0 ? null : new BpfHandle(kernel, result);
    }

    /// <summary>The map pinned at a path, described by what the kernel says of it.</summary>
    internal static BpfMapDescriptor Open(IKernel kernel, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        BpfHandle handle = TryOpen(kernel, path, out long result)
            ?? throw Refused(kernel, BpfCommand.ObjectGet, result, $"Opening the map pinned at {path}", path, null, null);
        return MapDescriptions.Describe(handle, name: null, objectName: null, $"What is pinned at {path}");
    }

    internal static BpfSyscallException Refused(IKernel kernel, BpfCommand command, long result, string what, string path, string? objectName, string? mapName)
        => command == BpfCommand.ObjectPin && result is -Errno.EPERM or -Errno.EINVAL && !IsInFileSystem(kernel, path)
            ? KernelErrors.Refused(
                BpfRefusal.KernelPolicy, $"{path} lies in no BPF file system: mount one (mount -t bpf bpf {DefaultRoot}), or set another pin root.", command, result, what,
                objectName, mapName)
            : KernelErrors.Of(kernel, command, result, what, Capabilities.Bpf, objectName, mapName);

    // The mount whose point is the longest beginning of the path decides.
    private static bool IsInFileSystem(IKernel kernel, string path)
    {
        string point = "";
        string type = "";
        foreach (string line in (kernel.TryReadText("/proc/self/mountinfo", out _) ?? "").Split('\n'))
        {
            string[] fields = line.Split(' ');
            int separator = Array.IndexOf(fields, "-");
            if (separator > 4 && separator + 1 < fields.Length && fields[4].Length >= point.Length && IsBelow(path, fields[4]))
            {
                point = fields[4];
                type = fields[separator + 1];
            }
        }

        return type is FileSystemType or "";
    }

    private static bool IsBelow(string path, string point)
        => point == "/" || (path.StartsWith(point, StringComparison.Ordinal) && (path.Length == point.Length || path[point.Length] == '/'));
}
