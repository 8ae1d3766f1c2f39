using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>A file or directory that programs are attached to, held open. Closing it does not detach the programs.</summary>
public abstract class BpfAttachTarget : IDisposable
{
    private protected BpfAttachTarget(IKernel kernel, string kind, string path, FileFlags flags, Func<string?>? whyAbsent = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long descriptor = kernel.Open(path, flags | FileFlags.CloseOnExec);
        if (descriptor < 0)
        {
            throw KernelErrors.Of(kernel, "open", descriptor, $"Opening {kind} {path}", detail: descriptor == -Errno.ENOENT ? whyAbsent?.Invoke() : null);
        }

        Descriptor = new BpfHandle(kernel, descriptor) { Subject = $"{kind} {path}" };
        Path = path;
    }

    /// <summary>The path of the file or directory.</summary>
    public string Path { get; }

    /// <summary>The descriptor, for calls that this SDK does not provide.</summary>
    public SafeHandle Handle => Descriptor;

    internal BpfHandle Descriptor { get; }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Descriptor.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => Descriptor.Subject!;
}
