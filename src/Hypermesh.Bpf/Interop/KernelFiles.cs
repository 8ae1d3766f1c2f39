using System.Text;

namespace Hypermesh.Bpf.Interop;

/// <summary>Reads files of proc, sysfs and tracefs through <see cref="IKernel"/>.</summary>
internal static class KernelFiles
{
    private const int LineChunk = 256 * 1024;

    /// <summary>One line, without its end.</summary>
    internal delegate void LineReader(ReadOnlySpan<byte> line);

    /// <summary>Reads the text of a small file, or returns null and the negative errno.</summary>
    internal static string? TryReadText(this IKernel kernel, string path, out long error)
    {
        byte[]? bytes = kernel.TryReadBytes(path, out error);
        return bytes is null ? null : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads the bytes of a file, or returns null and the negative errno.</summary>
    internal static byte[]? TryReadBytes(this IKernel kernel, string path, out long error)
    {
        using BpfHandle? file = TryOpen(kernel, path, out error);
        if (file is null)
        {
            return null;
        }

        var content = new MemoryStream();
        Span<byte> chunk = stackalloc byte[4096];
        while ((error = Read(file, chunk)) > 0)
        {
            content.Write(chunk[..(int)error]);
        }

        return error < 0 ? null : content.ToArray();
    }

    /// <summary>Reads a long file line by line, with only a part of it in memory; false and the negative errno if it cannot be read.</summary>
    internal static bool TryReadLines(this IKernel kernel, string path, LineReader take, out long error)
    {
        using BpfHandle? file = TryOpen(kernel, path, out error);
        if (file is null)
        {
            return false;
        }

        byte[] buffer = new byte[LineChunk];
        int held = 0;
        while ((error = Read(file, buffer.AsSpan(held))) > 0)
        {
            held += (int)error;
            int begin = 0;
            for (int length; (length = buffer.AsSpan(begin, held - begin).IndexOf((byte)'\n')) >= 0; begin += length + 1)
            {
                take(buffer.AsSpan(begin, length));
            }

            // No caller needs a line longer than the buffer.
            held = begin == 0 && held == buffer.Length ? 0 : held - begin;
            buffer.AsSpan(begin, held).CopyTo(buffer);
        }

        return error == 0;
    }

    private static BpfHandle? TryOpen(IKernel kernel, string path, out long error)
    {
        error = kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        return error < 0 ? null : new BpfHandle(kernel, error);
    }

    private static long Read(BpfHandle file, Span<byte> buffer)
    {
        long read;
        do
        {
            read = file.Kernel.Read((int)file.DangerousGetHandle(), buffer);
        }
        while (read == -Errno.EINTR);

        return read;
    }
}
