using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>A kernel that answers as it is told: by default every call succeeds and gives descriptors from 100 on. It knows what is open and what is mapped.</summary>
internal sealed unsafe class ScriptedKernel : IKernel
{
    internal const string AllCapabilities = "CapEff:\t000001ffffffffff\n";

    private readonly Dictionary<string, Queue<long>> _answers = [];
    private readonly Dictionary<int, MemoryStream> _files = [];
    private readonly Dictionary<int, string> _paths = [];
    private readonly Dictionary<nint, nuint> _mappings = [];
    private readonly HashSet<nint> _own = [];
    private readonly BlockingCollection<ulong> _ready = [];
    private readonly Lock _gate = new();
    private int _next = 100;

    /// <summary>What BPF commands do beyond answering: fill what their attributes point to.</summary>
    internal Func<BpfCommand, nint, long?>? OnBpf { get; set; }

    /// <summary>Answers any call at all before everything else; null lets it pass.</summary>
    internal Func<string, long?>? OnCall { get; set; }

    /// <summary>Called for each descriptor that is closed and each mapping that is unmapped; it may throw.</summary>
    internal Action<string>? OnRelease { get; set; }

    /// <summary>Called for what is written to a file; null for the usual answer.</summary>
    internal Func<string, string, long?>? OnWrite { get; set; }

    internal Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal)
    {
        ["/proc/thread-self/status"] = Encoding.ASCII.GetBytes(AllCapabilities),
        ["/proc/self/uid_map"] = "         0          0 4294967295\n"u8.ToArray(),
        ["/sys/devices/system/cpu/possible"] = "0-3\n"u8.ToArray(),
    };

    /// <summary>Memory the next mappings get; fresh memory once it is used up.</summary>
    internal Queue<nint> Memory { get; } = new();

    /// <summary>Every call so far; while another thread makes more, ask <see cref="HasSeen"/>.</summary>
    internal List<string> Calls { get; } = [];

    /// <summary>The commands that were sent without a transition of the garbage collector.</summary>
    internal List<BpfCommand> ShortCalls { get; } = [];

    /// <summary>What sockets were given.</summary>
    internal List<byte[]> Sent { get; } = [];

    /// <summary>What sockets answer with to a message; without it, that it was done.</summary>
    internal Func<byte[], IEnumerable<byte[]>>? OnSend { get; set; }

    /// <summary>What sockets give next.</summary>
    internal Queue<byte[]> Answers { get; } = new();

    /// <summary>What was written to any descriptor, as text.</summary>
    internal List<string> Written { get; } = [];

    internal HashSet<int> OpenDescriptors { get; } = [];

    internal int Mapped => _mappings.Count;

    internal List<int> ThreadIds { get; } = [];

    /// <summary>What a thread does that is sent a signal.</summary>
    internal Action<int>? OnSignal { get; set; }

    internal ulong MemoryLockLimit { get; set; } = ulong.MaxValue;

    /// <summary>Answers the next calls of this name with these results, then as usual.</summary>
    internal ScriptedKernel Answer(string call, params long[] results)
    {
        _answers[call] = new Queue<long>(results);
        return this;
    }

    internal ScriptedKernel Answer(BpfCommand command, params long[] results) => Answer(BpfCommandNames.Of(command), results);

    internal void Wake(ulong key) => _ready.Add(key);

    internal BpfHandle NewHandle() => new(this, NewDescriptor());

    /// <summary>A loaded program named <c>p</c>, for the class under test.</summary>
    internal BpfProgramDescriptor NewProgram(BpfProgramType type, BpfAttachType attach = 0)
        => new(this, "p", type) { Handle = NewHandle(), SectionName = "s", AttachType = attach };

    /// <summary>The owners and permissions of files.</summary>
    public Dictionary<string, FileAccessRights> FileRights { get; } = new(StringComparer.Ordinal);

    public long Bpf(BpfCommand command, void* attributes, uint size)
    {
        long? scripted = Next(BpfCommandNames.Of(command)) ?? OnBpf?.Invoke(command, (nint)attributes);
        return scripted ?? command switch
        {
            BpfCommand.MapCreate or BpfCommand.ProgramLoad or BpfCommand.BtfLoad or BpfCommand.LinkCreate or BpfCommand.RawTracepointOpen
                or BpfCommand.IteratorCreate or BpfCommand.EnableStats or BpfCommand.TokenCreate => NewDescriptor(),
            BpfCommand.ObjectGet => -Errno.ENOENT,
            _ => 0,
        };
    }

    public long BpfMapOperation(BpfCommand command, void* attributes, uint size)
    {
        ShortCalls.Add(command);
        return Bpf(command, attributes, size);
    }

    public long MemoryMap(nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset)
    {
        if (Next("mmap") is { } scripted)
        {
            return scripted;
        }

        nint address = Memory.Count > 0 ? Memory.Dequeue() : Allocate(length);
        if (_files.TryGetValue(descriptor, out MemoryStream? file))
        {
            file.ToArray().CopyTo(new Span<byte>((void*)address, (int)length));
        }

        _mappings.Add(address, length);
        return address;
    }

    public long MemoryMapAt(nint address, nuint length, MemoryProtection protection, MemoryMapping mapping, int descriptor, long offset)
        => MemoryMap(length, protection, mapping, descriptor, offset);

    public long MemoryUnmap(nint address, nuint length)
    {
        Next("munmap");
        Assert.True(_mappings.Remove(address, out nuint mapped), "unmapped twice");
        Assert.Equal(mapped, length);
        if (_own.Remove(address))
        {
            NativeMemory.AlignedFree((void*)address);
        }

        OnRelease?.Invoke("munmap");
        return 0;
    }

    public long Open(string path, FileFlags flags)
    {
        if (Next("open " + path) is { } scripted)
        {
            return scripted;
        }

        if (!Files.TryGetValue(path, out byte[]? content))
        {
            return -Errno.ENOENT;
        }

        int descriptor = NewDescriptor();
        _files[descriptor] = new MemoryStream(content);
        _paths[descriptor] = path;
        return descriptor;
    }

    public long Read(int descriptor, Span<byte> buffer) => Next("read") ?? (_files.TryGetValue(descriptor, out MemoryStream? file) ? file.Read(buffer) : 0);

    public long ReadAt(int descriptor, Span<byte> buffer, long offset)
    {
        if (Next("pread") is { } scripted)
        {
            return scripted;
        }

        _files[descriptor].Position = offset;
        return _files[descriptor].Read(buffer);
    }

    public long Write(int descriptor, ReadOnlySpan<byte> buffer)
    {
        Written.Add(Encoding.UTF8.GetString(buffer));
        if (Next("write") is { } scripted)
        {
            return scripted;
        }

        if (_paths.TryGetValue(descriptor, out string? path) && OnWrite?.Invoke(path, Encoding.UTF8.GetString(buffer)) is { } answer)
        {
            return answer;
        }

        // The only thing written to is an event loop's stop event, whose key is 0.
        _ready.Add(0);
        return buffer.Length;
    }

    public long FileSize(int descriptor) => Next("lseek") ?? _files[descriptor].Length;

    public long Close(int descriptor)
    {
        lock (_gate)
        {
            Assert.True(OpenDescriptors.Remove(descriptor), $"descriptor {descriptor} closed twice");
        }

        OnRelease?.Invoke("close");
        return 0;
    }

    public long Duplicate(int descriptor) => Next("fcntl") ?? NewDescriptor();

    public long Unlink(string path) => Next("unlink " + path) ?? 0;

    public long MakeDirectory(string path) => Next("mkdir " + path) ?? 0;

    public long RemoveDirectory(string path) => Next("rmdir " + path) ?? 0;

    public long MountFileSystem(string path) => Next("mount " + path) ?? 0;

    public long Lock(int descriptor) => Next("flock") ?? 0;

    public long Unlock(int descriptor) => 0;

    public long FileSystemOf(int descriptor) => Next("statfs") ?? 0;

    public bool IsRemoved(int descriptor) => false;

    public IReadOnlyList<string> Entries(int descriptor) => [];

    public long FileAccess(string path, out FileAccessRights rights)
    {
        rights = FileRights.GetValueOrDefault(path);
        return Next("statx " + path) ?? (FileRights.ContainsKey(path) ? 0 : -Errno.ENOENT);
    }

    public long WaitWritable(int descriptor, int milliseconds) => Next("poll") ?? 1;

    public long EpollCreate() => Next("epoll_create1") ?? NewDescriptor();

    public long EpollControl(int epoll, EpollOperation operation, int descriptor, EpollEvents events, ulong data) => Next("epoll_ctl") ?? 0;

    public long EpollWait(int epoll, Span<ulong> ready, int milliseconds)
    {
        if (Next("epoll_wait") is { } scripted)
        {
            return scripted;
        }

        return _ready.TryTake(out ready[0], milliseconds) ? 1 : 0;
    }

    public long EventDescriptor() => Next("eventfd") ?? NewDescriptor();

    public long PerfEventOpen(in PerfEventAttr attributes, int process, int cpu) => Next("perf_event_open") ?? NewDescriptor();

    public long Control(int descriptor, uint request, nint argument) => Next($"ioctl 0x{request:x}") ?? 0;

    public long SetSocketOption(int socket, int level, int option, int value) => Next($"setsockopt {option}") ?? 0;

    public long Socket(int family, int type, int protocol) => Next("socket") ?? NewDescriptor();

    public long Send(int socket, ReadOnlySpan<byte> message)
    {
        if (Next("send") is { } scripted)
        {
            return scripted;
        }

        Sent.Add(message.ToArray());
        foreach (byte[] answer in OnSend?.Invoke(message.ToArray()) ?? [NetlinkAnswers.Acknowledge(message, 0)])
        {
            Answers.Enqueue(answer);
        }

        return message.Length;
    }

    public long Receive(int socket, Span<byte> buffer)
    {
        if (Next("recv") is { } scripted)
        {
            return scripted;
        }

        byte[] answer = Answers.Dequeue();
        answer.AsSpan(0, Math.Min(answer.Length, buffer.Length)).CopyTo(buffer);
        return answer.Length;
    }

    public long ProcessDescriptor(int process) => Next("pidfd_open") ?? NewDescriptor();

    public long GetMemoryLockLimit(out ulong soft, out ulong hard)
    {
        soft = hard = MemoryLockLimit;
        return Next("getrlimit") ?? 0;
    }

    public long SetMemoryLockLimit(ulong soft, ulong hard) => Next("setrlimit") ?? 0;

    public long MemoryFile(string name) => Next("memfd_create") ?? NewDescriptor();

    public IReadOnlyList<int> Threads() => ThreadIds;

    public long SignalThread(int thread, int signal)
    {
        OnSignal?.Invoke(thread);
        return Next("tgkill") ?? 0;
    }

    public long SetSignalAction(int signal, ReadOnlySpan<byte> action, Span<byte> before) => Next("rt_sigaction") ?? 0;

    public long SetCapabilities(ulong held) => Next("capset") ?? 0;

    public long WaitForGracePeriod() => Next("membarrier") ?? 0;

    public long InterfaceIndex(string name) => Next("if_nametoindex") ?? 7;

    public string? InterfaceName(int index) => "eth" + index;

    // What the kernel maps fresh is all zero.
    private nint Allocate(nuint length)
    {
        void* memory = NativeMemory.AlignedAlloc(length, 4096);
        NativeMemory.Clear(memory, length);
        _own.Add((nint)memory);
        return (nint)memory;
    }

    /// <summary>True once a call was made, by whichever thread.</summary>
    internal bool HasSeen(string call)
    {
        lock (_gate)
        {
            return Calls.Contains(call);
        }
    }

    private long? Next(string call)
    {
        lock (_gate)
        {
            Calls.Add(call);
            if (OnCall?.Invoke(call) is { } failure)
            {
                return failure;
            }

            return _answers.TryGetValue(call, out Queue<long>? results) && results.Count > 0 ? results.Dequeue() : null;
        }
    }

    internal int NewDescriptor()
    {
        lock (_gate)
        {
            OpenDescriptors.Add(_next);
            return _next++;
        }
    }
}
