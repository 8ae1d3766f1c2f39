namespace Hypermesh.Bpf;

/// <summary>How a message names a feature that is missing, and what has it.</summary>
internal static class FeatureNeeds
{
    internal static (string Name, string Needs) Of(BpfFeature feature) => feature switch
    {
        BpfFeature.TaskStorage => ("Task storage", "Linux 5.11"),
        BpfFeature.HashTake => ("Taking an entry out of a hash map in one step", "Linux 5.14"),
        BpfFeature.PerCpuFlags => ("One CPU's value of a per-CPU element alone", "Linux 7.0"),
        BpfFeature.SyscallProgram => ("A program of section \"syscall\"", "Linux 5.14"),
        BpfFeature.TcxLink => ("Attaching a classifier by link (TCX)", "Linux 6.6 with CONFIG_NET_XGRESS (AttachFilter attaches it without, as a clsact filter)"),
        BpfFeature.NetkitLink => ("Attaching to a netkit device", "Linux 6.7 with CONFIG_NETKIT"),
        BpfFeature.CGroupOrder => ("A place among the programs of a control group", "Linux 6.17"),
        BpfFeature.PerfEventLink => ("A link to a perf event", "Linux 5.15"),
        BpfFeature.KProbeMultiLink => ("Attaching to many kernel functions by one link", "Linux 5.18 with CONFIG_FPROBE"),
        BpfFeature.UProbeMultiLink => ("Attaching to many places of a user program by one link", "Linux 6.6 (with its fix of telling processes from threads)"),
        _ => (feature.ToString(), "a newer kernel"),
    };
}
