using System.Globalization;

namespace Hypermesh.Bpf.Monitoring.Files;

/// <summary>The names of operations, ways and errors in outputs, made once.</summary>
internal static class FileNames
{
    internal static readonly string[] Operations = ["open", "unlink", "rename"];
    internal static readonly string[] Ways = ["syscall", "io_uring"];

    private static readonly Dictionary<int, string> s_named = new()
    {
        [1] = "EPERM", [2] = "ENOENT", [4] = "EINTR", [5] = "EIO", [6] = "ENXIO", [9] = "EBADF", [11] = "EAGAIN", [12] = "ENOMEM", [13] = "EACCES", [14] = "EFAULT",
        [16] = "EBUSY", [17] = "EEXIST", [18] = "EXDEV", [19] = "ENODEV", [20] = "ENOTDIR", [21] = "EISDIR", [22] = "EINVAL", [23] = "ENFILE", [24] = "EMFILE", [26] = "ETXTBSY",
        [27] = "EFBIG", [28] = "ENOSPC", [30] = "EROFS", [31] = "EMLINK", [36] = "ENAMETOOLONG", [38] = "ENOSYS", [39] = "ENOTEMPTY", [40] = "ELOOP", [75] = "EOVERFLOW",
        [95] = "EOPNOTSUPP", [107] = "ENOTCONN", [110] = "ETIMEDOUT", [116] = "ESTALE", [122] = "EDQUOT", [125] = "ECANCELED", [FileFigures.ResultCount - 1] = "other",
    };

    private static readonly string?[] s_errors =
        [null, .. Enumerable.Range(1, FileFigures.ResultCount - 1).Select(static error => s_named.GetValueOrDefault(error) ?? error.ToString(CultureInfo.InvariantCulture))];

    /// <summary>The name of an error, or its number; null for none.</summary>
    internal static string? ErrorOf(int error) => s_errors[error];
}
