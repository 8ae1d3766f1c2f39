using System.Text;

namespace Hypermesh.Bpf.Interop;

/// <summary>Small text files of proc, sysfs and tracefs, read through the same door as everything else.</summary>
internal static class KernelFiles
{
    /// <summary>The file's text, or null and the negative errno.</summary>
    internal static string? TryReadText(this IKernel kernel, string path, out long error)
    {
        long descriptor = kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        if (descriptor < 0)
        {
            error = descriptor;
            return null;
        }

        using var handle = new BpfHandle(kernel, descriptor);
        var text = new MemoryStream();
        Span<byte> chunk = stackalloc byte[4096];
        while (true)
        {
            long read = kernel.Read((int)descriptor, chunk);
            if (read == -Errno.EINTR)
            {
                continue;
            }

            if (read <= 0)
            {
                error = read;
                return read < 0 ? null : Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
            }

            text.Write(chunk[..(int)read]);
        }
    }
}
