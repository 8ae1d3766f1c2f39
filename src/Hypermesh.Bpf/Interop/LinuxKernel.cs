using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Hypermesh.Bpf.Interop;

/// <summary>The running kernel.</summary>
internal unsafe class LinuxKernel : IKernel
{
    private const int MemoryLock = 8;
    private const int CloseOnExec = 0x80000;
    private const int SeekEnd = 2;
    private const int SeekSet = 0;
    private const int InterfaceNameSize = 16;
    private const int FixedNoReplace = 0x100000;
    private const int DuplicateCloseOnExec = 1030;
    private const int FirstDescriptor = 3;
    private const uint OwnerOnly = 0x1c0;
    private const int Writable = 4;

    private static readonly LinuxKernel s_instance = new();

    // <asm/unistd.h>: the two architectures .NET and BPF share.
    private static readonly bool s_x64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly nint s_bpf = s_x64 ? 321 : 280;
    private static readonly nint s_perfEventOpen = s_x64 ? 298 : 241;
    private static readonly nint s_pidfdOpen = 434;
    private static readonly nint s_memfdCreate = s_x64 ? 319 : 279;
    private static readonly nint s_tgkill = s_x64 ? 234 : 131;
    private static readonly nint s_rtSigaction = s_x64 ? 13 : 134;
    private static readonly nint s_statx = s_x64 ? 332 : 291;
    private static readonly nint s_capset = s_x64 ? 126 : 91;
    private static readonly nint s_membarrier = s_x64 ? 324 : 283;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int s_eventSize = s_x64 ? 12 : 16;
    private static readonly int s_eventDataOffset = s_x64 ? 4 : 8;

    private protected LinuxKernel()
    {
    }

    internal static IKernel Instance
    {
        get
        {
            if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
            {
                throw new PlatformNotSupportedException("eBPF programs are loaded into a Linux kernel on x86-64 or arm64; this process runs on "
                    + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}. Building for Linux works here; run the program on Linux.");
            }

            return s_instance;
        }
    }

    public long Bpf(BpfCommand command, void* attributes, uint size)
        => Result(LibC.Syscall(s_bpf, (nint)command, (nint)attributes, (nint)size, 0, 0));

    public long BpfMapOperation(BpfCommand command, void* attributes, uint size)
    {
        nint result = LibC.ShortSyscall(s_bpf, (nint)command, (nint)attributes, (nint)size);
        return result == -1 ? -Marshal.GetLastSystemError() : result;
    }

    public long MemoryMap(nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset)
        => Result(LibC.MemoryMap(0, length, (int)protection, (int)mapping, descriptor, (nint)offset));

    public long MemoryMapAt(nint address, nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset)
        => Result(LibC.MemoryMap(address, length, (int)protection, (int)mapping | FixedNoReplace, descriptor, (nint)offset));

    public long MemoryUnmap(nint address, nuint length) => Result(LibC.MemoryUnmap(address, length));

    public long Open(string path, FileFlags flags) => Result(LibC.Open(path, (int)flags, 0));

    public long Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Result(LibC.Read(descriptor, start, (nuint)buffer.Length));
        }
    }

    public long ReadAt(int descriptor, Span<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
        {
            return Result(LibC.ReadAt(descriptor, start, (nuint)buffer.Length, (nint)offset));
        }
    }

    public long Write(int descriptor, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Result(LibC.Write(descriptor, start, (nuint)buffer.Length));
        }
    }

    public long FileSize(int descriptor)
    {
        long size = Result(LibC.Seek(descriptor, 0, SeekEnd));
        LibC.Seek(descriptor, 0, SeekSet);
        return size;
    }

    public long Close(int descriptor) => Result(LibC.Close(descriptor));

    public long Duplicate(int descriptor) => Result(LibC.FileControl(descriptor, DuplicateCloseOnExec, FirstDescriptor));

    public long Unlink(string path) => Result(LibC.Unlink(path));

    public long MakeDirectory(string path) => Result(LibC.MakeDirectory(path, OwnerOnly));

    public long RemoveDirectory(string path) => Result(LibC.RemoveDirectory(path));

    public long MountFileSystem(string path) => Result(LibC.Mount("bpf", path, "bpf", 0, "mode=0700"));

    public long Lock(int descriptor)
    {
        const int ExclusiveNow = 2 | 4;
        return Result(LibC.Lock(descriptor, ExclusiveNow));
    }

    public long Unlock(int descriptor)
    {
        const int Unlock = 8;
        return Result(LibC.Lock(descriptor, Unlock));
    }

    public long FileSystemOf(int descriptor)
    {
        // struct statfs: 120 bytes, of which the first word is the type.
        const int Size = 128;
        Span<byte> answer = stackalloc byte[Size];
        fixed (byte* start = answer)
        {
            long result = Result(LibC.FileSystem(descriptor, start));
            return result < 0 ? result : BinaryPrimitives.ReadUInt32LittleEndian(answer);
        }
    }

    public bool IsRemoved(int descriptor) => new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget?.EndsWith(" (deleted)", StringComparison.Ordinal) == true;

    public IReadOnlyList<string> Entries(int descriptor) => [.. Directory.EnumerateFileSystemEntries($"/proc/self/fd/{descriptor}").Select(static path => Path.GetFileName(path))];

    public long FileAccess(string path, out FileAccessRights rights)
    {
        // struct statx: the IDs of the user and the group, and the mode.
        const int Size = 256;
        const int User = 20;
        const int Group = 24;
        const int Mode = 28;
        const int WorkingDirectory = -100;
        const int BasicStats = 0x7ff;
        const ushort Permissions = 0xfff;
        Span<byte> answer = stackalloc byte[Size];
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'), start = answer)
        {
            long result = Result(LibC.Syscall(s_statx, WorkingDirectory, (nint)name, 0, BasicStats, (nint)start));
            rights = new FileAccessRights(
                BinaryPrimitives.ReadUInt32LittleEndian(answer[User..]), BinaryPrimitives.ReadUInt32LittleEndian(answer[Group..]),
                (uint)(BinaryPrimitives.ReadUInt16LittleEndian(answer[Mode..]) & Permissions));
            return result;
        }
    }

    public long WaitWritable(int descriptor, int milliseconds)
    {
        // struct pollfd: the descriptor, the requested events, the returned events.
        ulong entry = (uint)descriptor | ((ulong)Writable << 32);
        return Result(LibC.Poll(&entry, 1, milliseconds));
    }

    public long EpollCreate() => Result(LibC.EpollCreate(CloseOnExec));

    public long EpollControl(int epoll, EpollOperation operation, int descriptor, EpollEvents events, ulong data)
    {
        byte* entry = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(entry, 4), (uint)events);
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(entry + s_eventDataOffset, 8), data);
        return Result(LibC.EpollControl(epoll, (int)operation, descriptor, entry));
    }

    public long EpollWait(int epoll, Span<ulong> ready, int milliseconds)
    {
        byte* entries = stackalloc byte[16 * ready.Length];
        long count = Result(LibC.EpollWait(epoll, entries, ready.Length, milliseconds));
        for (int i = 0; i < count; i++)
        {
            ready[i] = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(entries + (i * s_eventSize) + s_eventDataOffset, 8));
        }

        return count;
    }

    public long EventDescriptor() => Result(LibC.EventDescriptor(0, CloseOnExec));

    public long PerfEventOpen(in PerfEventAttr attributes, int process, int cpu)
    {
        const int AnyGroup = -1;
        const int PerfCloseOnExec = 8;
        fixed (PerfEventAttr* start = &attributes)
        {
            return Result(LibC.Syscall(s_perfEventOpen, (nint)start, process, cpu, AnyGroup, PerfCloseOnExec));
        }
    }

    public long Control(int descriptor, uint request, nint argument) => Result(LibC.Control(descriptor, request, argument));

    public long SetSocketOption(int socket, int level, int option, int value)
        => Result(LibC.SetSocketOption(socket, level, option, &value, sizeof(int)));

    public long Socket(int family, int type, int protocol) => Result(LibC.Socket(family, type | CloseOnExec, protocol));

    public long Send(int socket, ReadOnlySpan<byte> message)
    {
        fixed (byte* start = message)
        {
            return Result(LibC.Send(socket, start, (nuint)message.Length, 0));
        }
    }

    public long Receive(int socket, Span<byte> buffer)
    {
        const int WholeLength = 0x20;
        fixed (byte* start = buffer)
        {
            return Result(LibC.Receive(socket, start, (nuint)buffer.Length, WholeLength));
        }
    }

    public long ProcessDescriptor(int process) => Result(LibC.Syscall(s_pidfdOpen, process, 0, 0, 0, 0));

    public long GetMemoryLockLimit(out ulong soft, out ulong hard)
    {
        ulong* limits = stackalloc ulong[2];
        long result = Result(LibC.GetResourceLimit(MemoryLock, limits));
        soft = limits[0];
        hard = limits[1];
        return result;
    }

    public long SetMemoryLockLimit(ulong soft, ulong hard)
    {
        ulong* limits = stackalloc ulong[2] { soft, hard };
        return Result(LibC.SetResourceLimit(MemoryLock, limits));
    }

    public long MemoryFile(string name)
    {
        const int MemoryCloseOnExec = 1;
        const int Executable = 0x10;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            // Kernels before 6.3 reject MFD_EXEC, and allow executing such pages without it.
            long result = Result(LibC.Syscall(s_memfdCreate, (nint)text, MemoryCloseOnExec | Executable, 0, 0, 0));
            return result == -Errno.EINVAL ? Result(LibC.Syscall(s_memfdCreate, (nint)text, MemoryCloseOnExec, 0, 0, 0)) : result;
        }
    }

    public IReadOnlyList<int> Threads()
        => [.. Directory.EnumerateDirectories("/proc/self/task").Select(static path => int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture))];

    public long SignalThread(int thread, int signal) => Result(LibC.Syscall(s_tgkill, Environment.ProcessId, thread, signal, 0, 0));

    public long SetSignalAction(int signal, ReadOnlySpan<byte> action, Span<byte> before)
    {
        const int SetSize = 8;
        fixed (byte* set = action, old = before)
        {
            return Result(LibC.Syscall(s_rtSigaction, signal, (nint)set, (nint)old, SetSize, 0));
        }
    }

    public long WaitForGracePeriod()
    {
        const int Global = 1;
        return Result(LibC.Syscall(s_membarrier, Global, 0, 0, 0, 0));
    }

    public long SetCapabilities(ulong held)
    {
        const uint Version3 = 0x20080522;
        uint* header = stackalloc uint[] { Version3, 0 };
        byte* sets = stackalloc byte[CapabilitySets.Size];
        CapabilitySets.Write(new Span<byte>(sets, CapabilitySets.Size), (Capabilities)held);
        return Result(LibC.Syscall(s_capset, (nint)header, (nint)sets, 0, 0, 0));
    }

    public long InterfaceIndex(string name)
    {
        uint index = LibC.InterfaceIndex(name);
        return index == 0 ? -Marshal.GetLastPInvokeError() : index;
    }

    public string? InterfaceName(int index)
    {
        byte* name = stackalloc byte[InterfaceNameSize];
        return LibC.InterfaceName((uint)index, name) == 0 ? null : Marshal.PtrToStringUTF8((nint)name);
    }

    private static long Result(nint result) => result == -1 ? -Marshal.GetLastPInvokeError() : result;
}
