namespace Hypermesh.Bpf.Errors;

/// <summary>
/// What the kernel's code means by an error number, by command and by the map it was about: each row is a check in that code, and what to do about it. What only the caller
/// knows (which program, which device) it adds itself.
/// </summary>
internal static class KernelReasons
{
    private const string PrefixLength = "The prefix length in the key is larger than the key's data: at most 32 for an IPv4 address, 128 for an IPv6 address.";

    private const string NotASocket = "The descriptor is not a socket: pass Socket.SafeHandle of one that is open.";

    private const string SocketState =
        "The socket is of a kind or in a state that the kernel does not accept here: a TCP socket must be connected or listening, a UDP or Unix socket bound or connected. Put it in after Connect or Listen, before it is closed.";

    private const string NoLock = "A flag of the operation does not suit the map: BPF_F_LOCK needs a struct bpf_spin_lock in the value, and BTF that says so.";

    private const string DeviceOrProgram =
        "There is no network device of that index in this network namespace, or the program is not SEC(\"xdp/devmap\"), or one is frags (SEC(\"xdp.frags/devmap\")) where the others of this map are not.";

    private const string InnerMap =
        "An inner map must be like the one that the outer map was declared with: the same type, key size, value size, flags and kernel-managed fields (bpf_spin_lock, bpf_timer), and for arrays the same max_entries unless both have BPF_F_INNER_MAP (5.10).";

    // All for BPF_MAP_UPDATE_ELEM.
    private static readonly Dictionary<(BpfMapType Map, int Errno), string> s_updates = new()
    {
        [(BpfMapType.ProgArray, Errno.EINVAL)] =
            "All programs of an array have the type of the first one that used it, and for XDP are all frags or none. Use one array for each type of program.",
        [(BpfMapType.ProgArray, Errno.EBADF)] = "The descriptor is not a program that is loaded.",
        [(BpfMapType.ProgArray, Errno.EBUSY)] = "The program is extended by a freplace program, or is one, and such programs cannot be called through this array: detach the extension first.",
        [(BpfMapType.ArrayOfMaps, Errno.EINVAL)] = InnerMap,
        [(BpfMapType.HashOfMaps, Errno.EINVAL)] = InnerMap,
        [(BpfMapType.DevMap, Errno.EINVAL)] = DeviceOrProgram,
        [(BpfMapType.DevMapHash, Errno.EINVAL)] = DeviceOrProgram,
        [(BpfMapType.CpuMap, Errno.EINVAL)] = "The program is not SEC(\"xdp/cpumap\"), or is frags (SEC(\"xdp.frags/cpumap\")) where the others of this map are not.",
        [(BpfMapType.CpuMap, Errno.ENODEV)] = "This machine cannot have a CPU of that number.",
        [(BpfMapType.CpuMap, Errno.EOVERFLOW)] = "The queue of a CPU holds at most 16384 packets: pass a smaller number.",
        [(BpfMapType.XskMap, Errno.EOPNOTSUPP)] = "The socket is not of the family AF_XDP.",
        [(BpfMapType.XskMap, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.SockMap, Errno.EOPNOTSUPP)] = SocketState,
        [(BpfMapType.SockMap, Errno.EINVAL)] = SocketState + " A socket with kernel TLS cannot be put in either.",
        [(BpfMapType.SockMap, Errno.EBUSY)] = "Another user of the socket, such as a reuseport group or kernel TLS, has put its own data into it: a socket has one such user.",
        [(BpfMapType.SockMap, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.SockHash, Errno.EOPNOTSUPP)] = SocketState,
        [(BpfMapType.SockHash, Errno.EINVAL)] = SocketState + " A socket with kernel TLS cannot be put in either.",
        [(BpfMapType.SockHash, Errno.EBUSY)] = "Another user of the socket, such as a reuseport group or kernel TLS, has put its own data into it: a socket has one such user.",
        [(BpfMapType.SockHash, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.ReusePortSockArray, Errno.EINVAL)] = "The socket must have SO_REUSEPORT set before it was bound, and must be bound (UDP) or listening (TCP).",
        [(BpfMapType.ReusePortSockArray, Errno.ENOTSUPP)] = "The socket must be of TCP or UDP, over IPv4 or IPv6.",
        [(BpfMapType.ReusePortSockArray, Errno.EBUSY)] = "The socket is in another such array already, or in a socket map.",
        [(BpfMapType.ReusePortSockArray, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.CGroupArray, Errno.EBADF)] = "The descriptor is not of a control group's directory in a cgroup2 file system.",
        [(BpfMapType.PerfEventArray, Errno.EBADF)] = "The descriptor is not a perf event that is open.",
        [(BpfMapType.PerfEventArray, Errno.EOPNOTSUPP)] = "The perf event cannot be read from a program: it is inherited by child processes (inherit), or its counter is not of a CPU.",
        [(BpfMapType.LpmTrie, Errno.EINVAL)] = PrefixLength,
        [(BpfMapType.LpmTrie, Errno.ENOSPC)] = "The map is full: remove entries, or raise max_entries in the C or MaxEntries of the map's spec before Load.",
        [(BpfMapType.StackTrace, Errno.EINVAL)] = "Only programs write stack traces, by bpf_get_stackid.",
        [(BpfMapType.BloomFilter, Errno.EINVAL)] = "A value can only be added to a Bloom filter, with no other flag.",
        [(BpfMapType.Array, Errno.EINVAL)] = NoLock,
        [(BpfMapType.Hash, Errno.EINVAL)] = NoLock,
        [(BpfMapType.Hash, Errno.EBUSY)] = "A program of this CPU holds the bucket's lock: try again.",
        [(BpfMapType.PerCpuHash, Errno.EBUSY)] = "A program of this CPU holds the bucket's lock: try again.",
        [(BpfMapType.LruHash, Errno.EINVAL)] = NoLock,
        [(BpfMapType.PerCpuArray, Errno.EINVAL)] = "This kernel does not support writing the value of one CPU (BPF_F_CPU).",
        [(BpfMapType.PerCpuHash, Errno.EINVAL)] = "This kernel does not support writing the value of one CPU (BPF_F_CPU).",
        [(BpfMapType.PerCpuArray, Errno.ERANGE)] = "There is no CPU of that number.",
        [(BpfMapType.PerCpuHash, Errno.ERANGE)] = "There is no CPU of that number.",
        [(BpfMapType.TaskStorage, Errno.EBADF)] = "The descriptor is not of a process (pidfd_open).",
        [(BpfMapType.SkStorage, Errno.EBADF)] = NotASocket,
        [(BpfMapType.SkStorage, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.InodeStorage, Errno.EBADF)] = "The descriptor is not of a file that is open.",
        [(BpfMapType.InodeStorage, Errno.EINVAL)] = "Inodes have no storage here: the kernel must be built with CONFIG_BPF_LSM and started with bpf among its security modules (lsm=…,bpf).",
        [(BpfMapType.CGroupLocalStorage, Errno.EBADF)] = "The descriptor is not of a control group's directory in a cgroup2 file system.",
        [(BpfMapType.StructOps, Errno.EINVAL)] = "A member that the kernel requires has no program, or a member that the kernel does not accept has a value: compare with the kernel's struct (hmbpf btf dump --type NAME).",
        [(BpfMapType.StructOps, Errno.EEXIST)] = "One of that name is registered already: end the process that has it, or give this one another name.",
        [(BpfMapType.StructOps, Errno.EBUSY)] = "It is registered already.",
    };

    private static readonly Dictionary<(BpfMapType Map, int Errno), string> s_deletes = new()
    {
        [(BpfMapType.Array, Errno.EINVAL)] = "Elements of an array cannot be removed: write zeros instead.",
        [(BpfMapType.PerCpuArray, Errno.EINVAL)] = "Elements of an array cannot be removed: write zeros instead.",
        [(BpfMapType.LpmTrie, Errno.EINVAL)] = PrefixLength,
        [(BpfMapType.Hash, Errno.EBUSY)] = "A program of this CPU holds the bucket's lock: try again.",
    };

    private static readonly Dictionary<int, string> s_detaches = new()
    {
        [Errno.EOPNOTSUPP] = "Links of this kind end with their last holder: remove the pins, and end the processes that hold it.",
        [Errno.ENOTSUPP] = "Links of this kind end with their last holder: remove the pins, and end the processes that hold it.",
        [Errno.EINVAL] = "The link is detached already, or this kernel cannot detach links by force (before 5.9).",
        [Errno.ENOLINK] = "The link is detached already.",
        [Errno.EBUSY] = "It is in use: try again.",
    };

    /// <summary>Why the command was refused on a map of that type, in whole sentences; null for what is not in the table.</summary>
    internal static string? OfMap(BpfCommand command, BpfMapType map, int errno) => command switch
    {
        BpfCommand.MapUpdateElement or BpfCommand.MapUpdateBatch => s_updates.GetValueOrDefault((map, errno)),
        BpfCommand.MapDeleteElement or BpfCommand.MapDeleteBatch => s_deletes.GetValueOrDefault((map, errno)),
        BpfCommand.MapLookupElement when map == BpfMapType.LpmTrie && errno == Errno.EINVAL => PrefixLength,
        BpfCommand.MapLookupElement when errno is Errno.ENOTSUPP or Errno.EOPNOTSUPP => "Elements of this kind of map cannot be read by key.",
        BpfCommand.MapLookupElement or BpfCommand.MapLookupAndDeleteElement when errno == Errno.EINVAL => NoLock,
        _ => null,
    };

    /// <summary>Why another program cannot be put into a link.</summary>
    /// <param name="errno">The error number.</param>
    /// <param name="target">What links of this kind are attached to, such as "network device".</param>
    /// <param name="hasExpected">Whether a program was named that must be there.</param>
    internal static string? OfLinkUpdate(int errno, string target, bool hasExpected) => errno switch
    {
        Errno.ENOLINK =>
            $"The {target} that the link was attached to is gone, and one of the same name that was made since is another one. The link cannot be attached again: remove its pin, or dispose it, and attach the program anew.",
        Errno.ENOENT => $"The link is not attached any more: the {target} is being removed. Remove its pin, or dispose it, and attach the program anew.",
        Errno.EPERM when hasExpected => "The link's program is not the expected one any more, unless a capability is missing.",
        Errno.EEXIST => $"The program is attached to that {target} already: load the object again, and pass the program of the new one.",
        Errno.EINVAL => "The new program is of another type, or is for another attach type, or links of this kind keep their program. Attach the new program, then detach the old one.",
        Errno.EOPNOTSUPP or Errno.ENOTSUPP => "Links of this kind keep their program. Attach the new program, then detach the old one.",
        Errno.EBUSY => $"The {target} is busy: try again.",
        _ => null,
    };

    /// <summary>Why a link cannot be detached by force.</summary>
    internal static string? OfLinkDetach(int errno) => s_detaches.GetValueOrDefault(errno);
}
