namespace Hypermesh.Bpf.Interop;

/// <summary>Error numbers of Linux, the same on x86-64 and arm64, and their names.</summary>
internal static class Errno
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;
    internal const int E2BIG = 7;
    internal const int EBADF = 9;
    internal const int EAGAIN = 11;
    internal const int ENOMEM = 12;
    internal const int EACCES = 13;
    internal const int EFAULT = 14;
    internal const int EBUSY = 16;
    internal const int EEXIST = 17;
    internal const int ENODEV = 19;
    internal const int EINVAL = 22;
    internal const int ENFILE = 23;
    internal const int EMFILE = 24;
    internal const int ENOSPC = 28;
    internal const int EPIPE = 32;
    internal const int ERANGE = 34;
    internal const int ENOSYS = 38;
    internal const int ENODATA = 61;
    internal const int ENOLINK = 67;
    internal const int EOVERFLOW = 75;
    internal const int ENOTSOCK = 88;
    internal const int EMSGSIZE = 90;
    internal const int EOPNOTSUPP = 95;
    internal const int EAFNOSUPPORT = 97;
    internal const int EADDRNOTAVAIL = 99;
    internal const int ENOTCONN = 107;
    internal const int ESTALE = 116;

    /// <summary>A kernel-internal error that bpf(2) returns for operations a map type does not support.</summary>
    internal const int ENOTSUPP = 524;

    // <asm-generic/errno-base.h> and errno.h, from 1; the two empty ones are aliases of others.
    private static readonly string[] s_names =
    [
        "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN", "ENOMEM", "EACCES", "EFAULT",
        "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC",
        "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP", "", "ENOMSG",
        "EIDRM", "ECHRNG", "EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG", "EUNATCH", "ENOCSI", "EL2HLT", "EBADE", "EBADR", "EXFULL", "ENOANO", "EBADRQC",
        "EBADSLT", "", "EBFONT", "ENOSTR", "ENODATA", "ETIME", "ENOSR", "ENONET", "ENOPKG", "EREMOTE", "ENOLINK", "EADV", "ESRMNT", "ECOMM",
        "EPROTO", "EMULTIHOP", "EDOTDOT", "EBADMSG", "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG", "ELIBACC", "ELIBBAD", "ELIBSCN", "ELIBMAX",
        "ELIBEXEC", "EILSEQ", "ERESTART", "ESTRPIPE", "EUSERS", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE", "ENOPROTOOPT",
        "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT", "EAFNOSUPPORT", "EADDRINUSE", "EADDRNOTAVAIL", "ENETDOWN", "ENETUNREACH",
        "ENETRESET", "ECONNABORTED", "ECONNRESET", "ENOBUFS", "EISCONN", "ENOTCONN", "ESHUTDOWN", "ETOOMANYREFS", "ETIMEDOUT", "ECONNREFUSED",
        "EHOSTDOWN", "EHOSTUNREACH", "EALREADY", "EINPROGRESS", "ESTALE", "EUCLEAN", "ENOTNAM", "ENAVAIL", "EISNAM", "EREMOTEIO", "EDQUOT",
        "ENOMEDIUM", "EMEDIUMTYPE", "ECANCELED", "ENOKEY", "EKEYEXPIRED", "EKEYREVOKED", "EKEYREJECTED", "EOWNERDEAD", "ENOTRECOVERABLE", "ERFKILL",
        "EHWPOISON",
    ];

    /// <summary>The name, such as <c>EINVAL</c>; <c>E</c> and the number if it has none.</summary>
    internal static string Name(int errno)
        => errno == ENOTSUPP ? nameof(ENOTSUPP)
            : errno >= 1 && errno <= s_names.Length && s_names[errno - 1].Length > 0 ? s_names[errno - 1]
            : $"E{errno}";

    internal static string Describe(int errno) => errno switch
    {
        EPERM => "operation not permitted",
        ENOENT => "no such file, element or attach point",
        ESRCH => "no such process or target",
        EINTR => "interrupted by a signal",
        E2BIG => "too big (map full, program too complex, or an attribute this kernel does not know)",
        EBADF => "bad descriptor",
        EAGAIN => "try again",
        ENOMEM => "out of memory",
        EACCES => "permission denied, or rejected by the verifier",
        EFAULT => "bad address",
        EBUSY => "busy: already attached or in use",
        EEXIST => "already exists",
        ENODEV => "no such device",
        EINVAL => "invalid argument, or not supported by this kernel",
        ENFILE => "too many open descriptors on the machine",
        EMFILE => "too many open descriptors",
        ENOSPC => "no space left",
        ERANGE => "out of range",
        ENOSYS => "system call not available",
        ENOLINK => "its target no longer exists",
        EOVERFLOW => "too large a value",
        ENOTSOCK => "not a socket",
        EMSGSIZE => "message too long",
        EOPNOTSUPP or ENOTSUPP => "not supported by this kernel, map or device",
        EADDRNOTAVAIL => "no unique place with that name",
        ESTALE => "changed meanwhile",
        _ => "see errno(3)",
    };
}
