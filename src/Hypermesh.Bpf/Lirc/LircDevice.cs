using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>An infrared receiver, held open.</summary>
public sealed class LircDevice : IDisposable
{
    private readonly BpfHandle _handle;

    private LircDevice(BpfHandle handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    /// <summary>The file it was opened by.</summary>
    public string Path { get; }

    /// <summary>The descriptor, for calls this SDK does not make.</summary>
    public SafeHandle Handle => _handle;

    internal BpfHandle Descriptor => _handle;

    /// <summary>Opens a receiver.</summary>
    /// <param name="path">The device, such as <c>/dev/lirc0</c>.</param>
    /// <returns>The receiver; the caller closes it.</returns>
    /// <exception cref="BpfSyscallException">There is no such device (ENOENT), or it may not be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static LircDevice Open(string path) => Open(LinuxKernel.Instance, path);

    /// <summary>The programs of the receiver (4.18). Needs CAP_NET_ADMIN.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public BpfAttachedPrograms Query() => ProgramQuery.OfDescriptor(_handle.Kernel, _handle, BpfAttachType.LircMode2, ToString());

    /// <summary>Closes the device.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"infrared receiver {Path}";

    internal static LircDevice Open(IKernel kernel, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long descriptor = kernel.Open(path, FileFlags.ReadWrite | FileFlags.CloseOnExec);
        return descriptor >= 0
            ? new LircDevice(new BpfHandle(kernel, descriptor), path)
            : throw KernelErrors.Of(kernel, "open", descriptor, $"Opening infrared receiver {path}");
    }
}
