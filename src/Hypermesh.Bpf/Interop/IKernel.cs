namespace Hypermesh.Bpf.Interop;

/// <summary>
/// The only access to the kernel. Each call returns its result, or the negative errno; none throws and none retries, so that the caller decides
/// and a scripted fake can answer in its place.
/// </summary>
internal unsafe interface IKernel
{
    /// <summary><c>bpf(2)</c> for every command that can take long, sleep or be restarted.</summary>
    long Bpf(BpfCommand command, void* attributes, uint size);

    /// <summary><c>bpf(2)</c> for an operation on one map element that is short and never blocks, so that it can run without a GC transition.</summary>
    long BpfMapOperation(BpfCommand command, void* attributes, uint size);

    long MemoryMap(nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset);

    /// <summary>Maps at a given address; -EEXIST if something is already mapped there.</summary>
    long MemoryMapAt(nint address, nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset);

    long MemoryUnmap(nint address, nuint length);

    long Open(string path, FileFlags flags);

    long Read(int descriptor, Span<byte> buffer);

    /// <summary>Reads at an offset of a file, independent of the descriptor's position.</summary>
    long ReadAt(int descriptor, Span<byte> buffer, long offset);

    long Write(int descriptor, ReadOnlySpan<byte> buffer);

    /// <summary>The size of an open file; 0 if the file system does not report it.</summary>
    long FileSize(int descriptor);

    long Close(int descriptor);

    /// <summary>Duplicates a descriptor, with close-on-exec.</summary>
    long Duplicate(int descriptor);

    /// <summary>Removes a file's name, such as a pin.</summary>
    long Unlink(string path);

    long MakeDirectory(string path);

    /// <summary>Removes an empty directory.</summary>
    long RemoveDirectory(string path);

    /// <summary>Mounts a BPF file system that only the user can enter.</summary>
    long MountFileSystem(string path);

    /// <summary>Locks an open file or directory for this process alone; EAGAIN where another one has it. The lock ends with the last duplicate of the descriptor, at the latest with the process.</summary>
    long Lock(int descriptor);

    /// <summary>Ends the lock, also where a child process has a duplicate of the descriptor until it executes its program.</summary>
    long Unlock(int descriptor);

    /// <summary>The number of the file system that an open file is in (<c>statfs.f_type</c>), or the negative errno.</summary>
    long FileSystemOf(int descriptor);

    /// <summary>Whether an open directory has been removed.</summary>
    bool IsRemoved(int descriptor);

    /// <summary>The names in an open directory.</summary>
    IReadOnlyList<string> Entries(int descriptor);

    /// <summary>The owner and the permissions of a file; 0 or the negative errno.</summary>
    long FileAccess(string path, out FileAccessRights rights);

    /// <summary>Waits until the descriptor can be written to; 0 when the time ran out.</summary>
    long WaitWritable(int descriptor, int milliseconds);

    long EpollCreate();

    long EpollControl(int epoll, EpollOperation operation, int descriptor, EpollEvents events, ulong data);

    /// <summary>Waits for at most the given time. Returns how many entries of <paramref name="ready"/> hold the data of a ready descriptor; 0 when the time ran out.</summary>
    long EpollWait(int epoll, Span<ulong> ready, int milliseconds);

    long EventDescriptor();

    long PerfEventOpen(in PerfEventAttr attributes, int process, int cpu);

    long Control(int descriptor, uint request, nint argument);

    long SetSocketOption(int socket, int level, int option, int value);

    long Socket(int family, int type, int protocol);

    long Send(int socket, ReadOnlySpan<byte> message);

    /// <summary>Receives the next message; returns its whole length, which can exceed the buffer.</summary>
    long Receive(int socket, Span<byte> buffer);

    long ProcessDescriptor(int process);

    long GetMemoryLockLimit(out ulong soft, out ulong hard);

    long SetMemoryLockLimit(ulong soft, ulong hard);

    /// <summary>Creates a file in memory with close-on-exec, whose pages can be executed.</summary>
    long MemoryFile(string name);

    /// <summary>The IDs of the threads of this process.</summary>
    IReadOnlyList<int> Threads();

    /// <summary>Sends a signal to one thread of this process.</summary>
    long SignalThread(int thread, int signal);

    /// <summary>Sets the action of a signal, as the kernel's struct sigaction, without the C library; <paramref name="before"/> receives the previous action, unless it is empty.</summary>
    long SetSignalAction(int signal, ReadOnlySpan<byte> action, Span<byte> before);

    /// <summary>Reduces the capabilities of the calling thread to a subset of those it has.</summary>
    long SetCapabilities(ulong held);

    /// <summary>Waits for a grace period (<c>MEMBARRIER_CMD_GLOBAL</c>, about 20 ms): no program that was replaced before still runs afterwards, except sleepable ones.</summary>
    long WaitForGracePeriod();

    /// <summary>The index of a network interface, or -ENODEV.</summary>
    long InterfaceIndex(string name);

    /// <summary>The name of a network interface; null if there is none with that index.</summary>
    string? InterfaceName(int index);
}

/// <summary>Who can access a file.</summary>
/// <param name="User">The ID of the user it belongs to.</param>
/// <param name="Group">The ID of its group.</param>
/// <param name="Mode">The nine bits of its permissions, and the three above them.</param>
internal readonly record struct FileAccessRights(uint User, uint Group, uint Mode);
