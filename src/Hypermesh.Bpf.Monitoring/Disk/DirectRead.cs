using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Monitoring.Disk;

/// <summary>Reads one block of this process's own executable past the page cache: a request that hooks of the block layer see, where the file is on a disk.</summary>
internal static unsafe partial class DirectRead
{
    private const int Size = 4096;
    private const int CloseOnExec = 0x80000;

    // O_DIRECT (asm/fcntl.h); other architectures have other values, and the read is then one of the page cache.
    private static readonly int s_direct = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    internal static void Try()
    {
        int file = Open("/proc/self/exe", CloseOnExec | s_direct);
        if (file < 0)
        {
            return;
        }

        void* buffer = NativeMemory.AlignedAlloc(Size, Size);
        _ = Read(file, buffer, Size, 0);
        NativeMemory.AlignedFree(buffer);
        _ = Close(file);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread")]
    private static partial nint Read(int file, void* buffer, nint size, long offset);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
