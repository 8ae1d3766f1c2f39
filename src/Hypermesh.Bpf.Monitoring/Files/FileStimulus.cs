using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Monitoring.Files;

/// <summary>
/// Makes each system call once with an empty path (ENOENT), or with no handle (open_by_handle_at: EFAULT), which the kernel refuses before it looks up any file, so that each hook has something to
/// see at each reading. The readings do not contain these calls.
/// </summary>
internal static unsafe partial class FileStimulus
{
    private const int AtFdCwd = -100;
    private const int SizeOfHow = 24;

    /// <summary>Makes the calls, and counts each by its row and its result.</summary>
    internal static void Run(OwnOperations own)
    {
        byte empty = 0;
        ulong* how = stackalloc ulong[3];
        new Span<ulong>(how, 3).Clear();
        foreach (FileCall call in FileCall.All)
        {
            if (call.Number is { } number)
            {
                nint path = (nint)(&empty);
                nint result = call.Name switch
                {
                    "open" or "creat" or "unlink" or "rmdir" => Call(number, path, 0, 0, 0, 0),
                    "rename" => Call(number, path, path, 0, 0, 0),
                    "openat" or "unlinkat" => Call(number, AtFdCwd, path, 0, 0, 0),
                    "openat2" => Call(number, AtFdCwd, path, (nint)how, SizeOfHow, 0),
                    "open_by_handle_at" => Call(number, -1, 0, 0, 0, 0),
                    _ => Call(number, AtFdCwd, path, AtFdCwd, path, 0),
                };
                own.Add(call.Row, result < 0 ? Marshal.GetLastPInvokeError() : 0);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth);
}

/// <summary>How often this process itself has caused what the programs count, by row and result.</summary>
internal sealed class OwnOperations
{
    private readonly ulong[] _results = new ulong[FileFigures.Rows * FileFigures.ResultCount];

    /// <summary>Operations submitted to io_uring: opens.</summary>
    internal ulong Submitted { get; private set; }

    /// <summary>The calls and completed operations of a row, whatever their result.</summary>
    internal ulong this[int row] => Sum(row);

    internal void Clear()
    {
        Array.Clear(_results);
        Submitted = 0;
    }

    internal void Add(int row, int error) => _results[(row * FileFigures.ResultCount) + Math.Min(error, FileFigures.ResultCount - 1)]++;

    internal void Submit() => Submitted++;

    internal ulong At(int row, int result) => _results[(row * FileFigures.ResultCount) + result];

    private ulong Sum(int row)
    {
        ulong sum = 0;
        foreach (ulong count in _results.AsSpan(row * FileFigures.ResultCount, FileFigures.ResultCount))
        {
            sum += count;
        }

        return sum;
    }
}
