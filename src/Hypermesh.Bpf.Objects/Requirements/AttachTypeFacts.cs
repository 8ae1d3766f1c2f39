namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>Which release brought a way of attaching: only those that are younger than their type of program.</summary>
internal static class AttachTypeFacts
{
    // From the commits that added them, as ebpf-docs lists them (data/feature-versions.yaml). A kernel test compares each with the types of the kernel it runs on.
    private static readonly Dictionary<BpfAttachType, Version> s_rows = new()
    {
        [BpfAttachType.ModifyReturn] = new(5, 7),
        [BpfAttachType.TraceIter] = new(5, 8),
        [BpfAttachType.CGroupInet4GetPeerName] = new(5, 8),
        [BpfAttachType.CGroupInet6GetPeerName] = new(5, 8),
        [BpfAttachType.CGroupInet4GetSockName] = new(5, 8),
        [BpfAttachType.CGroupInet6GetSockName] = new(5, 8),
        [BpfAttachType.XdpDevMap] = new(5, 8),
        [BpfAttachType.CGroupInetSockRelease] = new(5, 9),
        [BpfAttachType.XdpCpuMap] = new(5, 9),
        [BpfAttachType.SkSkbVerdict] = new(5, 13),
        [BpfAttachType.SkReusePortSelect] = new(5, 14),
        [BpfAttachType.SkReusePortSelectOrMigrate] = new(5, 14),
        [BpfAttachType.TraceKProbeMulti] = new(5, 18),
        [BpfAttachType.LsmCGroup] = new(6, 0),
        [BpfAttachType.TcxIngress] = new(6, 6),
        [BpfAttachType.TcxEgress] = new(6, 6),
        [BpfAttachType.TraceUProbeMulti] = new(6, 6),
        [BpfAttachType.NetkitPrimary] = new(6, 7),
        [BpfAttachType.NetkitPeer] = new(6, 7),
        [BpfAttachType.CGroupUnixConnect] = new(6, 7),
        [BpfAttachType.CGroupUnixSendMsg] = new(6, 7),
        [BpfAttachType.CGroupUnixRecvMsg] = new(6, 7),
        [BpfAttachType.CGroupUnixGetPeerName] = new(6, 7),
        [BpfAttachType.CGroupUnixGetSockName] = new(6, 7),
        [BpfAttachType.TraceKProbeSession] = new(6, 10),
        [BpfAttachType.TraceUProbeSession] = new(6, 13),
        [BpfAttachType.TraceFSession] = new(7, 0),
        [BpfAttachType.TraceFEntryMulti] = new(7, 2),
        [BpfAttachType.TraceFExitMulti] = new(7, 2),
        [BpfAttachType.TraceFSessionMulti] = new(7, 2),
    };

    /// <summary>The ways in the table.</summary>
    internal static IEnumerable<BpfAttachType> All => s_rows.Keys;

    /// <summary>The first release that has it, null for one that is not in the table.</summary>
    internal static Version? Since(BpfAttachType type) => s_rows.TryGetValue(type, out Version? since) ? since : null;
}
