using System.Text;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.KernelObjects.Pins;

/// <summary>Names in the BPF file system: BPF_OBJ_PIN, BPF_OBJ_GET (4.4).</summary>
internal static unsafe class ObjectPins
{
    internal const string DefaultRoot = "/sys/fs/bpf";

    private const string FileSystemType = "bpf";

    internal static void Pin(BpfHandle handle, string path, string what, string? objectName = null, string? subjectName = null)
    {
        long result = TryPin(handle, path);
        if (result < 0)
        {
            throw Refused(handle.Kernel, BpfCommand.ObjectPin, result, $"{what} at {path}", path, objectName, subjectName);
        }
    }

    /// <summary>Pins an object; returns 0 or the negative errno. Creates the last directory of the path if it is missing.</summary>
    internal static long TryPin(BpfHandle handle, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.GetDirectoryName(path) is { Length: > 1 } directory)
        {
            // BPF_OBJ_PIN reports the error.
            handle.Kernel.MakeDirectory(directory);
        }

        using HandleUse use = handle.Use();
        return Call(handle.Kernel, BpfCommand.ObjectPin, path, (uint)use.Descriptor);
    }

    /// <summary>Opens a pinned object of any kind, or returns null and the negative errno.</summary>
    internal static BpfHandle? TryOpen(IKernel kernel, string path, out long result)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        result = Call(kernel, BpfCommand.ObjectGet, path, 0);
        return result < 0 ? null : new BpfHandle(kernel, result);
    }

    /// <summary>Opens a pinned object of the given kind.</summary>
    internal static BpfHandle Open(IKernel kernel, string path, ObjectKind kind)
    {
        BpfHandle handle = TryOpen(kernel, path, out long result)
            ?? throw Refused(kernel, BpfCommand.ObjectGet, result, $"Opening the {kind} pinned at {path}", path, null, null);
        if (kind.Is(handle))
        {
            return handle;
        }

        handle.Dispose();
        throw new BpfException($"The object pinned at {path} is not a {kind}: use another path.", null, path);
    }

    internal static void Remove(IKernel kernel, string path, string what, string? objectName = null, string? subjectName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long result = kernel.Unlink(path);
        if (result is -Errno.EACCES && PinAccess.Explain(kernel, path, inDirectory: true) is { } denied)
        {
            throw KernelErrors.Refused(BpfRefusal.FilePermission, denied, "unlink", result, $"{what} from {path}", objectName, subjectName);
        }

        if (result < 0)
        {
            throw KernelErrors.Of(kernel, "unlink", result, $"{what} from {path}", Capabilities.None, objectName, subjectName);
        }
    }

    internal static BpfSyscallException Refused(IKernel kernel, BpfCommand command, long result, string what, string path, string? objectName, string? subjectName)
        => command == BpfCommand.ObjectPin && result is -Errno.EPERM or -Errno.EINVAL or -Errno.ENOENT && !IsInFileSystem(kernel, path)
            ? KernelErrors.Refused(
                BpfRefusal.KernelPolicy, $"{path} is not in a BPF file system: mount one (mount -t bpf bpf {DefaultRoot}), or use a path in one.", command, result, what,
                objectName, subjectName)
            : result == -Errno.EACCES && PinAccess.Explain(kernel, path, inDirectory: command == BpfCommand.ObjectPin) is { } denied
            ? KernelErrors.Refused(BpfRefusal.FilePermission, denied, command, result, what, objectName, subjectName)
            : KernelErrors.Of(kernel, command, result, what, Capabilities.Bpf, objectName, subjectName, detail: (command, result) switch
            {
                (BpfCommand.ObjectPin, -Errno.EPERM) when Path.GetFileName(path).Contains('.', StringComparison.Ordinal) => "The file name has a dot, which the BPF file system does not allow: use a name without a dot.",
                (BpfCommand.ObjectPin, -Errno.EEXIST) => TakenPin.Describe(kernel, path),
                (BpfCommand.ObjectPin, -Errno.ENOENT) => "The directory does not exist and cannot be created: create it first.",
                _ => null,
            });

    private static long Call(IKernel kernel, BpfCommand command, string path, uint descriptor)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            ObjectPinAttr attributes = default;
            attributes.Pathname = (ulong)name;
            attributes.BpfFd = descriptor;
            return kernel.Bpf(command, &attributes, (uint)sizeof(ObjectPinAttr));
        }
    }

    // The mount with the longest mount point that is a prefix of the path decides.
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
