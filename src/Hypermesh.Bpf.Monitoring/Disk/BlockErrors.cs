using System.Globalization;

namespace Hypermesh.Bpf.Monitoring.Disk;

/// <summary>The errors of requests by name. Kernels before 5.16 give an error number, later ones a <c>blk_status_t</c>; both have the name of the error number.</summary>
internal static class BlockErrors
{
    /// <summary>The bit of errors that are error numbers (ERRNO in bpf-templates/disk).</summary>
    private const int IsErrno = 0x8000;

    // The statuses up to 12 are the same in all kernels (blk_types.h); those above were renumbered, and drivers do not end requests with them.
    private static readonly string[] s_statuses = ["", "EOPNOTSUPP", "ETIMEDOUT", "ENOSPC", "ENOLINK", "EREMOTEIO", "EBADE", "ENODATA", "EILSEQ", "ENOMEM", "EIO", "EREMCHG", "EAGAIN"];

    private static readonly Dictionary<int, string> s_errnos = new()
    {
        [5] = "EIO", [11] = "EAGAIN", [12] = "ENOMEM", [16] = "EBUSY", [19] = "ENODEV", [22] = "EINVAL", [28] = "ENOSPC", [52] = "EBADE", [61] = "ENODATA", [62] = "ETIME", [67] = "ENOLINK",
        [78] = "EREMCHG", [84] = "EILSEQ", [95] = "EOPNOTSUPP", [110] = "ETIMEDOUT", [121] = "EREMOTEIO",
    };

    internal static string Name(int error)
    {
        int number = error & ~IsErrno;
        return (error & IsErrno) != 0
            ? s_errnos.GetValueOrDefault(number) ?? "errno_" + number.ToString(CultureInfo.InvariantCulture)
            : number < s_statuses.Length ? s_statuses[number] : "status_" + number.ToString(CultureInfo.InvariantCulture);
    }
}
