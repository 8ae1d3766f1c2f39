namespace Hypermesh.Bpf.Errors;

/// <summary>
/// The meaning of an error number, by command and map type: each row is a check in the kernel's code, and what to do about it. What only the caller
/// knows (which program, which device) is added by the caller.
/// </summary>
internal static class KernelReasons
{
    private const string PrefixLength = "The prefix length in the key is larger than the key's data: at most 32 for an IPv4 address, 128 for an IPv6 address.";

    private const string NotASocket = "The descriptor is not a socket: pass Socket.SafeHandle of one that is open.";

    private const string SocketState =
        "The socket is of a kind or in a state that the kernel does not accept here: a TCP socket must be connected or listening, a UDP or Unix socket bound or connected. Add it to the map after Connect or Listen, and before it is closed.";

    private const string NoLock = "A flag of the operation does not suit the map: BPF_F_LOCK needs a struct bpf_spin_lock in the value, and BTF of the value's type.";

    private const string DeviceOrProgram =
        "There is no network device with that index in this network namespace, or the program is not SEC(\"xdp/devmap\"), or one is frags (SEC(\"xdp.frags/devmap\")) where the others of this map are not.";

    private const string InnerMap =
        "An inner map must match the one that the outer map was declared with: the same type, key size, value size, flags and kernel-managed fields (bpf_spin_lock, bpf_timer), and for arrays the same max_entries unless both have BPF_F_INNER_MAP (5.10).";

    // All for BPF_MAP_UPDATE_ELEM.
    private static readonly Dictionary<(BpfMapType Map, int Errno), string> s_updates = new()
    {
        [(BpfMapType.ProgArray, Errno.EINVAL)] =
            "All programs of an array must have the type of the first program that used it, and XDP programs must be all frags or all not. Use one array for each type of program.",
        [(BpfMapType.ProgArray, Errno.EBADF)] = "The descriptor is not a loaded program.",
        [(BpfMapType.ProgArray, Errno.EBUSY)] = "The program is extended by a freplace program, or is one, and such programs cannot be called through this array: detach the extension first.",
        [(BpfMapType.ArrayOfMaps, Errno.EINVAL)] = InnerMap,
        [(BpfMapType.HashOfMaps, Errno.EINVAL)] = InnerMap,
        [(BpfMapType.DevMap, Errno.EINVAL)] = DeviceOrProgram,
        [(BpfMapType.DevMapHash, Errno.EINVAL)] = DeviceOrProgram,
        [(BpfMapType.CpuMap, Errno.EINVAL)] = "The program is not SEC(\"xdp/cpumap\"), or is frags (SEC(\"xdp.frags/cpumap\")) where the others of this map are not.",
        [(BpfMapType.CpuMap, Errno.ENODEV)] = "This machine cannot have a CPU with that number.",
        [(BpfMapType.CpuMap, Errno.EOVERFLOW)] = "The queue of a CPU holds at most 16384 packets: pass a smaller number.",
        [(BpfMapType.XskMap, Errno.EOPNOTSUPP)] = "The socket is not of the family AF_XDP.",
        [(BpfMapType.XskMap, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.SockMap, Errno.EOPNOTSUPP)] = SocketState,
        [(BpfMapType.SockMap, Errno.EINVAL)] = SocketState + " A socket with kernel TLS cannot be added either.",
        [(BpfMapType.SockMap, Errno.EBUSY)] = "Another user of the socket, such as a reuseport group or kernel TLS, has already attached its own data to it: a socket can have only one such user.",
        [(BpfMapType.SockMap, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.SockHash, Errno.EOPNOTSUPP)] = SocketState,
        [(BpfMapType.SockHash, Errno.EINVAL)] = SocketState + " A socket with kernel TLS cannot be added either.",
        [(BpfMapType.SockHash, Errno.EBUSY)] = "Another user of the socket, such as a reuseport group or kernel TLS, has already attached its own data to it: a socket can have only one such user.",
        [(BpfMapType.SockHash, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.ReusePortSockArray, Errno.EINVAL)] = "The socket must have SO_REUSEPORT set before it was bound, and must be bound (UDP) or listening (TCP).",
        [(BpfMapType.ReusePortSockArray, Errno.ENOTSUPP)] = "The socket must be a TCP or UDP socket over IPv4 or IPv6.",
        [(BpfMapType.ReusePortSockArray, Errno.EBUSY)] = "The socket is already in another such array, or in a socket map.",
        [(BpfMapType.ReusePortSockArray, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.CGroupArray, Errno.EBADF)] = "The descriptor is not the directory of a control group in a cgroup2 file system.",
        [(BpfMapType.PerfEventArray, Errno.EBADF)] = "The descriptor is not an open perf event.",
        [(BpfMapType.PerfEventArray, Errno.EOPNOTSUPP)] = "The perf event cannot be read from a program: it is inherited by child processes (inherit), or it does not count on one CPU.",
        [(BpfMapType.LpmTrie, Errno.EINVAL)] = PrefixLength,
        [(BpfMapType.LpmTrie, Errno.ENOSPC)] = "The map is full: remove entries, or raise max_entries in the C or MaxEntries of the map's spec before Load.",
        [(BpfMapType.StackTrace, Errno.EINVAL)] = "Only programs can write stack traces, with bpf_get_stackid.",
        [(BpfMapType.BloomFilter, Errno.EINVAL)] = "A Bloom filter only supports adding a value, without flags.",
        [(BpfMapType.Array, Errno.EINVAL)] = NoLock,
        [(BpfMapType.Hash, Errno.EINVAL)] = NoLock,
        [(BpfMapType.Hash, Errno.EBUSY)] = "A program on this CPU holds the bucket's lock: try again.",
        [(BpfMapType.PerCpuHash, Errno.EBUSY)] = "A program on this CPU holds the bucket's lock: try again.",
        [(BpfMapType.LruHash, Errno.EINVAL)] = NoLock,
        [(BpfMapType.PerCpuArray, Errno.EINVAL)] = "This kernel does not support writing the value of one CPU (BPF_F_CPU).",
        [(BpfMapType.PerCpuHash, Errno.EINVAL)] = "This kernel does not support writing the value of one CPU (BPF_F_CPU).",
        [(BpfMapType.PerCpuArray, Errno.ERANGE)] = "There is no CPU with that number.",
        [(BpfMapType.PerCpuHash, Errno.ERANGE)] = "There is no CPU with that number.",
        [(BpfMapType.TaskStorage, Errno.EBADF)] = "The descriptor is not a pidfd (pidfd_open).",
        [(BpfMapType.SkStorage, Errno.EBADF)] = NotASocket,
        [(BpfMapType.SkStorage, Errno.ENOTSOCK)] = NotASocket,
        [(BpfMapType.InodeStorage, Errno.EBADF)] = "The descriptor is not an open file.",
        [(BpfMapType.InodeStorage, Errno.EINVAL)] = "Inode storage is not available: the kernel must be built with CONFIG_BPF_LSM and started with bpf among its security modules (lsm=…,bpf).",
        [(BpfMapType.CGroupLocalStorage, Errno.EBADF)] = "The descriptor is not the directory of a control group in a cgroup2 file system.",
        [(BpfMapType.StructOps, Errno.EINVAL)] = "A member that the kernel requires has no program, or a member that the kernel does not accept has a value: compare with the kernel's struct (hmbpf btf dump --type NAME).",
        [(BpfMapType.StructOps, Errno.EEXIST)] = "A struct_ops map with that name is already registered: end the process that registered it, or give this one another name.",
        [(BpfMapType.StructOps, Errno.EBUSY)] = "It is already registered.",
    };

    private static readonly Dictionary<(BpfMapType Map, int Errno), string> s_deletes = new()
    {
        [(BpfMapType.Array, Errno.EINVAL)] = "Elements of an array cannot be removed: write zeros instead.",
        [(BpfMapType.PerCpuArray, Errno.EINVAL)] = "Elements of an array cannot be removed: write zeros instead.",
        [(BpfMapType.LpmTrie, Errno.EINVAL)] = PrefixLength,
        [(BpfMapType.Hash, Errno.EBUSY)] = "A program on this CPU holds the bucket's lock: try again.",
    };

    private static readonly Dictionary<int, string> s_detaches = new()
    {
        [Errno.EOPNOTSUPP] = "Links of this type are detached only when their last reference is closed: remove the pins, and end the processes that hold the link.",
        [Errno.ENOTSUPP] = "Links of this type are detached only when their last reference is closed: remove the pins, and end the processes that hold the link.",
        [Errno.EINVAL] = "The link is already detached, or this kernel does not support detaching links by force (before 5.9).",
        [Errno.ENOLINK] = "The link is already detached.",
        [Errno.EBUSY] = "It is in use: try again.",
    };

    /// <summary>Why the command failed on a map of that type, in whole sentences; null if the table has no entry.</summary>
    internal static string? OfMap(BpfCommand command, BpfMapType map, int errno) => command switch
    {
        BpfCommand.MapUpdateElement or BpfCommand.MapUpdateBatch => s_updates.GetValueOrDefault((map, errno)),
        BpfCommand.MapDeleteElement or BpfCommand.MapDeleteBatch => s_deletes.GetValueOrDefault((map, errno)),
        BpfCommand.MapLookupElement when map == BpfMapType.LpmTrie && errno == Errno.EINVAL => PrefixLength,
        BpfCommand.MapLookupElement when errno is Errno.ENOTSUPP or Errno.EOPNOTSUPP => "Elements of this map type cannot be read by key.",
        BpfCommand.MapLookupElement or BpfCommand.MapLookupAndDeleteElement when errno == Errno.EINVAL => NoLock,
        _ => null,
    };

    /// <summary>Why the program of a link cannot be replaced.</summary>
    /// <param name="errno">The error number.</param>
    /// <param name="target">What links of this type are attached to, such as "network device".</param>
    /// <param name="hasExpected">Whether the caller named the program it expects to replace.</param>
    internal static string? OfLinkUpdate(int errno, string target, bool hasExpected) => errno switch
    {
        Errno.ENOLINK =>
            $"The {target} that the link was attached to no longer exists; a new one with the same name is a different one. The link cannot be attached again: remove its pin, or dispose it, and attach the program again.",
        Errno.ENOENT => $"The link is no longer attached: the {target} is being removed. Remove its pin, or dispose it, and attach the program again.",
        Errno.EPERM when hasExpected => "The link's program is no longer the expected one, or a capability is missing.",
        Errno.EEXIST => $"The program is already attached to that {target}: load the object again, and pass the program of the new object.",
        Errno.EINVAL => "The new program has another type or attach type, or the program of a link of this type cannot be replaced. Attach the new program, then detach the old one.",
        Errno.EOPNOTSUPP or Errno.ENOTSUPP => "The program of a link of this type cannot be replaced. Attach the new program, then detach the old one.",
        Errno.EBUSY => $"The {target} is busy: try again.",
        _ => null,
    };

    /// <summary>Why a link cannot be detached by force.</summary>
    internal static string? OfLinkDetach(int errno) => s_detaches.GetValueOrDefault(errno);
}
