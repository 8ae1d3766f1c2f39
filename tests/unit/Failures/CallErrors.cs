using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tests.Unit.Failures;

/// <summary>
/// What the kernel may answer to each call the SDK makes: the errors of the man pages, of bpf(2)'s commands those their code has (kernel/bpf/syscall.c and what it
/// calls). A call that is not listed fails the test that meets it.
/// </summary>
internal static class CallErrors
{
    private static readonly int[] s_files = [Errno.EACCES, Errno.EPERM, Errno.ENOENT, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EINTR];
    private static readonly int[] s_maps = [Errno.EPERM, Errno.EINVAL, Errno.EBADF, Errno.EFAULT, Errno.ENOMEM, Errno.E2BIG, Errno.EBUSY, Errno.EEXIST, Errno.ENOTSUPP, Errno.EOPNOTSUPP];
    private static readonly int[] s_links =
        [Errno.EPERM, Errno.EACCES, Errno.EINVAL, Errno.EBADF, Errno.EFAULT, Errno.ENOMEM, Errno.E2BIG, Errno.EBUSY, Errno.EEXIST, Errno.ENODEV, Errno.ENOENT, Errno.EMFILE, Errno.EOPNOTSUPP];

    // The first row whose name the call begins with.
    private static readonly (string Call, int[] Errors)[] s_rows =
    [
        ("BPF_PROG_LOAD", [Errno.EPERM, Errno.EACCES, Errno.EINVAL, Errno.E2BIG, Errno.ENOMEM, Errno.EAGAIN, Errno.EMFILE, Errno.ENFILE, Errno.EBADF, Errno.EFAULT, Errno.ENOSPC, Errno.ENOTSUPP]),
        ("BPF_MAP_CREATE", [Errno.EPERM, Errno.EINVAL, Errno.E2BIG, Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE, Errno.EBADF, Errno.EFAULT, Errno.EBUSY, Errno.ENOTSUPP]),
        ("BPF_BTF_LOAD", [Errno.EPERM, Errno.EINVAL, Errno.E2BIG, Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE, Errno.EFAULT, Errno.ENOSPC]),
        ("BPF_MAP_", s_maps),
        ("BPF_LINK_CREATE", s_links),
        ("BPF_RAW_TRACEPOINT_OPEN", s_links),
        ("BPF_PROG_ATTACH", s_links),
        ("BPF_PROG_DETACH", [Errno.EPERM, Errno.ENOENT, Errno.EINVAL]),
        ("BPF_PROG_TEST_RUN", [Errno.EPERM, Errno.EINVAL, Errno.ENOMEM, Errno.EFAULT, Errno.EINTR, Errno.EAGAIN, Errno.ENOTSUPP]),
        ("BPF_PROG_BIND_MAP", [Errno.EPERM, Errno.EINVAL, Errno.EBADF, Errno.ENOMEM]),
        ("BPF_ITER_CREATE", [Errno.EPERM, Errno.EINVAL, Errno.ENOMEM, Errno.EMFILE, Errno.EBADF]),
        ("BPF_OBJ_PIN", [Errno.EPERM, Errno.EACCES, Errno.EEXIST, Errno.EINVAL, Errno.ENOENT, Errno.ENOMEM, Errno.EBADF]),
        ("BPF_OBJ_GET_INFO_BY_FD", [Errno.EPERM, Errno.EBADF, Errno.EFAULT, Errno.EINVAL, Errno.E2BIG]),
        ("BPF_OBJ_GET", [Errno.EPERM, Errno.EACCES, Errno.ENOENT, Errno.EINVAL, Errno.ENOMEM, Errno.EMFILE]),
        ("BPF_BTF_GET_", [Errno.EPERM, Errno.ENOENT, Errno.EMFILE, Errno.EINVAL]),
        ("BPF_ENABLE_STATS", [Errno.EPERM, Errno.EINVAL, Errno.EMFILE, Errno.EBUSY]),
        ("open ", s_files),
        ("read", [Errno.EINTR, Errno.EINVAL, Errno.EFAULT, Errno.EAGAIN, Errno.ENOMEM, Errno.EACCES]),
        ("pread", [Errno.EINTR, Errno.EINVAL]),
        ("write", [Errno.EINTR, Errno.EINVAL, Errno.ENOMEM, Errno.EBUSY, Errno.ENOENT]),
        ("lseek", [Errno.EINVAL, Errno.EBADF]),
        ("mmap", [Errno.ENOMEM, Errno.EACCES, Errno.EPERM, Errno.EINVAL, Errno.ENODEV, Errno.EAGAIN]),
        ("fcntl", [Errno.EMFILE, Errno.EBADF]),
        ("unlink ", [Errno.EACCES, Errno.EPERM, Errno.ENOENT, Errno.EBUSY]),
        ("mkdir ", [Errno.EACCES, Errno.EPERM, Errno.EEXIST, Errno.ENOSPC]),
        ("poll", [Errno.EINTR, Errno.ENOMEM]),
        ("epoll_create1", [Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM]),
        ("epoll_ctl", [Errno.EPERM, Errno.ENOMEM, Errno.ENOSPC, Errno.EEXIST, Errno.EBADF]),
        ("epoll_wait", [Errno.EINTR, Errno.EBADF]),
        ("eventfd", [Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENODEV]),
        ("perf_event_open", [Errno.EPERM, Errno.EACCES, Errno.EINVAL, Errno.ENOENT, Errno.ENODEV, Errno.EMFILE, Errno.ENOMEM, Errno.EBUSY, Errno.EOPNOTSUPP, Errno.ENOSPC]),
        ("ioctl ", [Errno.EPERM, Errno.EACCES, Errno.EINVAL, Errno.EEXIST, Errno.E2BIG, Errno.ENOMEM]),
        ("setsockopt ", [Errno.EPERM, Errno.EINVAL, Errno.EBADF, Errno.ENOMEM]),
        ("socket", [Errno.EPERM, Errno.EACCES, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EAFNOSUPPORT]),
        ("send", [Errno.EPERM, Errno.EINTR, Errno.ENOMEM, Errno.EAGAIN]),
        ("recv", [Errno.EINTR, Errno.ENOMEM]),
        ("pidfd_open", [Errno.ESRCH, Errno.EMFILE, Errno.EINVAL, Errno.ENOMEM]),
        ("getrlimit", [Errno.EPERM]),
        ("setrlimit", [Errno.EPERM]),
        ("if_nametoindex", [Errno.ENODEV]),
    ];

    // What a load, an attachment or a read can do without, or does in another way: probes of features, types for the kernel, the memory limit, what is there only to explain
    // an error, closing.
    private static readonly (string Call, int? Errno)[] s_dispensable =
    [
        ("BPF_BTF_LOAD", null),
        ("getrlimit", null),
        ("setrlimit", null),
        ("open /proc/self/uid_map", null),
        ("open /proc/self/mounts", null),
        ("open /sys/fs/cgroup/test/cgroup.controllers", null),
        ("open /proc/thread-self/status", null),
        ("open /proc/version_signature", null),
        ("open /proc/sys/kernel/version", null),
        ("open /sys/kernel/security/lsm", null),
        ("open /sys/bus/event_source/devices/kprobe/format/ref_ctr_offset", null),
        ("mkdir /sys/fs/bpf", null),
        ("setsockopt 11", null),

        // No pin yet; no link of that kind yet, and an older way.
        ("BPF_OBJ_GET", Errno.ENOENT),
        ("BPF_LINK_CREATE", Errno.EINVAL),
        ("epoll_wait", null),
    ];

    /// <summary>True where the SDK may go on although the call fails each time.</summary>
    internal static bool IsDispensable(string call, int errno)
        => Array.Exists(s_dispensable, one => call.StartsWith(one.Call, StringComparison.Ordinal) && (one.Errno is null || one.Errno == errno));

    internal static int[] Of(string call)
    {
        (string name, int[] errors) = Array.Find(s_rows, row => call.StartsWith(row.Call, StringComparison.Ordinal));
        Assert.True(name is not null, $"no errors are listed for {call}");
        return errors;
    }
}
