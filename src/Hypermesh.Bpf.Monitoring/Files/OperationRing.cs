using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Monitoring.Files;

/// <summary>A small io_uring: operations are submitted one by one, and each is waited for.</summary>
internal sealed unsafe partial class OperationRing : IDisposable
{
    internal const byte OpenAt = 18;
    internal const byte RenameAt = 35;
    internal const byte UnlinkAt = 36;
    internal const int AtFdCwd = -100;

    private const int SetupNumber = 425;
    private const int EnterNumber = 426;
    private const int CloseOnExecDirectoryPath = 0x80000 | 0x10000 | 0x200000;
    private const nint CompletionPlace = 0x8000000;
    private const nint EntriesPlace = 0x10000000;
    private const int EntrySize = 64;
    private const int CompletionSize = 16;
    private const int GetEvents = 1;

    private readonly int _descriptor;
    private readonly Parameters _parameters;
    private readonly byte* _submissions;
    private readonly byte* _completions;
    private readonly byte* _entries;
    private bool _disposed;

    private OperationRing(int descriptor, in Parameters parameters)
    {
        _descriptor = descriptor;
        _parameters = parameters;
        _submissions = Map(0, SubmissionLength);
        _completions = Map(CompletionPlace, CompletionLength);
        _entries = Map(EntriesPlace, EntriesLength);
    }

    private nuint SubmissionLength => _parameters.SubmissionArray + (_parameters.SubmissionEntries * sizeof(uint));

    private nuint CompletionLength => _parameters.Completions + (_parameters.CompletionEntries * CompletionSize);

    private nuint EntriesLength => _parameters.SubmissionEntries * EntrySize;

    private bool IsMapped => _submissions is not null && _completions is not null && _entries is not null;

    /// <summary>Unmaps and closes, once: the addresses and the descriptor may be something else's afterwards.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        Unmap(_submissions, SubmissionLength);
        Unmap(_completions, CompletionLength);
        Unmap(_entries, EntriesLength);
        _ = Close(_descriptor);
    }

    /// <summary>Creates a ring; null where the kernel has none or does not allow it.</summary>
    internal static OperationRing? TryCreate()
    {
        Parameters parameters = default;
        int descriptor = (int)Call(SetupNumber, 1, (nint)(&parameters), 0, 0, 0, 0);
        if (descriptor < 0)
        {
            return null;
        }

        var ring = new OperationRing(descriptor, parameters);
        if (ring.IsMapped)
        {
            return ring;
        }

        ring.Dispose();
        return null;
    }

    /// <summary>Opens the root folder without reading it, and closes it. False where it could not be submitted, or its end could not be waited for.</summary>
    internal bool TryOpenRoot(out int result)
    {
        byte* path = stackalloc byte[] { (byte)'/', 0 };
        bool done = TryRun(new Operation { Code = OpenAt, Folder = AtFdCwd, Path = (nint)path, Flags = CloseOnExecDirectoryPath }, out result);
        if (done && result >= 0)
        {
            _ = Close(result);
        }

        return done;
    }

    /// <summary>Runs one operation to its end.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="result">Its result: 0 or more, or the negative number of an error.</param>
    internal bool TryRun(in Operation operation, out int result)
    {
        *(Operation*)_entries = operation;
        var tail = (uint*)(_submissions + _parameters.SubmissionTail);
        *(uint*)(_submissions + _parameters.SubmissionArray) = 0;
        Volatile.Write(ref *tail, *tail + 1);
        result = 0;
        if (Call(EnterNumber, _descriptor, 1, 1, GetEvents, 0, 0) < 0)
        {
            return false;
        }

        var head = (uint*)(_completions + _parameters.CompletionHead);
        if (*head == Volatile.Read(ref *(uint*)(_completions + _parameters.CompletionTail)))
        {
            return false;
        }

        uint index = *head & *(uint*)(_completions + _parameters.CompletionMask);
        result = *(int*)(_completions + _parameters.Completions + (index * CompletionSize) + sizeof(ulong));
        Volatile.Write(ref *head, *head + 1);
        return true;
    }

    private static void Unmap(byte* address, nuint length)
    {
        if (address is not null)
        {
            _ = MemoryUnmap(address, length);
        }
    }

    private byte* Map(nint place, nuint length)
    {
        const int readWrite = 3, sharedPopulated = 0x8001;
        byte* address = MemoryMap(null, length, readWrite, sharedPopulated, _descriptor, place);
        return address == (byte*)-1 ? null : address;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* MemoryMap(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int MemoryUnmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    /// <summary><c>struct io_uring_sqe</c>, as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = EntrySize)]
    internal struct Operation
    {
        [FieldOffset(0)] internal byte Code;
        [FieldOffset(4)] internal int Folder;
        [FieldOffset(8)] internal nint NewPath;
        [FieldOffset(16)] internal nint Path;
        [FieldOffset(24)] internal int NewFolder;
        [FieldOffset(28)] internal int Flags;
    }

    /// <summary><c>struct io_uring_params</c>, as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    private struct Parameters
    {
        [FieldOffset(0)] internal uint SubmissionEntries;
        [FieldOffset(4)] internal uint CompletionEntries;
        [FieldOffset(44)] internal uint SubmissionTail;
        [FieldOffset(64)] internal uint SubmissionArray;
        [FieldOffset(80)] internal uint CompletionHead;
        [FieldOffset(84)] internal uint CompletionTail;
        [FieldOffset(88)] internal uint CompletionMask;
        [FieldOffset(100)] internal uint Completions;
    }
}
