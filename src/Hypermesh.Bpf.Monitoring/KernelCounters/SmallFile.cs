using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>Reads files of cgroups that are not kept open: there may be ten thousand, and an open file would keep a removed cgroup alive. Allocates nothing.</summary>
internal static unsafe partial class SmallFile
{
    private const int CloseOnExec = 0x80000;

    /// <summary>Reads a file from its beginning, as far as there is room.</summary>
    /// <param name="path">The path in UTF-8, with a zero byte at the end.</param>
    /// <param name="into">Receives the content.</param>
    /// <returns>The number of bytes; -1 when the file does not exist or cannot be read.</returns>
    internal static int TryRead(ReadOnlySpan<byte> path, Span<byte> into)
    {
        int file;
        fixed (byte* name = path)
        {
            file = Open(name, CloseOnExec);
        }

        if (file < 0)
        {
            return -1;
        }

        int length = 0;
        fixed (byte* buffer = into)
        {
            nint read;
            while (length < into.Length && (read = Read(file, buffer + length, into.Length - length)) != 0)
            {
                if (read < 0)
                {
                    length = -1;
                    break;
                }

                length += (int)read;
            }
        }

        _ = Close(file);
        return length;
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int file, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
