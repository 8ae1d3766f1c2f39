namespace Hypermesh.Bpf;

/// <summary>
/// What perf events of user programs take: CAP_PERFMON from 5.8 on, and CAP_SYS_ADMIN again since July 2025, in old series too, because a probe in the middle of
/// an instruction can damage the program. Links to many places (uprobe.multi, 6.6) go on with what loading takes.
/// </summary>
internal static class UProbePrivileges
{
    private const int SeriesBits = 8;

    // The first of each series that asks for it. A distribution may have taken it over earlier: who holds CAP_PERFMON and is refused has met one.
    private static readonly uint[] s_first =
    [
        Version(5, 10, 240), Version(5, 15, 189), Version(6, 1, 146), Version(6, 6, 99), Version(6, 12, 39), Version(6, 15, 7), Version(6, 16, 0),
    ];

    internal static Capabilities Of(IKernel kernel) => AsksForAdministrator(KernelVersion.Code(kernel)) ? Capabilities.SysAdmin : Capabilities.PerfMon;

    internal static BpfSyscallException Failure(in LinkRequest request, long result)
    {
        Capabilities asks = Of(request.Kernel);
        bool isAdministrators = asks == Capabilities.SysAdmin || ProcessPrivileges.Read(request.Kernel).Missing(Capabilities.PerfMon) == Capabilities.None;
        return request.Error(
            "perf_event_open", result,
            isAdministrators && result == -Errno.EACCES ? "Kernels since July 2025 leave perf events of user programs to the administrator; uprobe.multi (6.6) does without." : null,
            isAdministrators ? Capabilities.SysAdmin : asks);
    }

    internal static bool AsksForAdministrator(uint version)
        => version >= s_first[^1] || Array.Exists(s_first, first => first >> SeriesBits == version >> SeriesBits && version >= first);

    private static uint Version(uint major, uint minor, uint patch) => (major << 16) + (minor << SeriesBits) + patch;
}
