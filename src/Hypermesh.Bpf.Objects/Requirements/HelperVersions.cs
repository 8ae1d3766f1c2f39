namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>
/// The first kernel with each helper. Numbers are only added at the end, so the table contains the first number of each kernel. It was read from the history of
/// <c>include/uapi/linux/bpf.h</c>, and is compared with the list of every kernel that the tests run on.
/// </summary>
internal static class HelperVersions
{
    /// <summary>The last number of a helper; newer functions for programs are kernel functions.</summary>
    internal const int Last = 211;

    private static readonly (int First, Version Kernel)[] s_rows =
    [
        (1, new(3, 19)), (4, new(4, 1)), (12, new(4, 2)), (17, new(4, 3)), (23, new(4, 4)), (26, new(4, 5)), (27, new(4, 6)), (31, new(4, 8)), (37, new(4, 9)),
        (42, new(4, 10)), (45, new(4, 11)), (46, new(4, 12)), (48, new(4, 13)), (51, new(4, 14)), (54, new(4, 15)), (58, new(4, 16)), (60, new(4, 17)),
        (65, new(4, 18)), (81, new(4, 19)), (84, new(4, 20)), (91, new(5, 0)), (93, new(5, 1)), (99, new(5, 2)), (109, new(5, 3)), (110, new(5, 4)), (111, new(5, 5)),
        (116, new(5, 6)), (119, new(5, 7)), (125, new(5, 8)), (136, new(5, 9)), (142, new(5, 10)), (156, new(5, 11)), (163, new(5, 12)), (164, new(5, 13)),
        (166, new(5, 14)), (169, new(5, 15)), (176, new(5, 16)), (180, new(5, 17)), (186, new(5, 18)), (194, new(5, 19)), (204, new(6, 0)), (208, new(6, 1)),
        (210, new(6, 2)),
    ];

    // Programs that handle packets, for which the kernel opened helpers about the current process later than for the others. Classifiers (tc) are not among them: what they could call varied.
    private static readonly HashSet<BpfProgramType> s_ofPackets =
    [
        BpfProgramType.Xdp, BpfProgramType.SocketFilter, BpfProgramType.CGroupSkb, BpfProgramType.LwtIn, BpfProgramType.LwtOut, BpfProgramType.LwtXmit, BpfProgramType.LwtSeg6Local,
        BpfProgramType.SkSkb, BpfProgramType.SkLookup, BpfProgramType.SkReusePort, BpfProgramType.FlowDissector, BpfProgramType.SockOps, BpfProgramType.Netfilter,
    ];

    // get_current_pid_tgid, get_current_uid_gid, get_current_comm, get_ns_current_pid_tgid.
    private static readonly Dictionary<int, Version> s_laterForPackets = new() { [14] = new(6, 10), [15] = new(6, 16), [16] = new(6, 16), [120] = new(6, 10) };

    /// <summary>Returns the first kernel in which programs of that type can call the helper, where that is later than the helper itself; else null.</summary>
    internal static Version? LaterFor(BpfProgramType type, int helper)
        => s_ofPackets.Contains(type) && s_laterForPackets.TryGetValue(helper, out Version? since) ? since : null;

    /// <summary>Returns the first kernel that has the helper; null for a number that is not a helper.</summary>
    internal static Version? Of(int helper)
    {
        if (helper is < 1 or > Last)
        {
            return null;
        }

        int row = Array.FindLastIndex(s_rows, entry => entry.First <= helper);
        return s_rows[row].Kernel;
    }
}
