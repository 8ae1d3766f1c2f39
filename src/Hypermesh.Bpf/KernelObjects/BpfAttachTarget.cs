using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>A file that stands for something programs are attached to, held open. What is attached to it stays when it is closed here.</summary>
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

    /// <summary>The file or directory it was opened by.</summary>
    public string Path { get; }

    /// <summary>The descriptor, for calls this SDK does not make.</summary>
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
