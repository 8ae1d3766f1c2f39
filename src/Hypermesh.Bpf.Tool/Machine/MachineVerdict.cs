using System.Text.Json.Nodes;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tool.Machine;

/// <summary>Decides which hooks this process can use on this machine: "yes" for each, or the reason why not.</summary>
internal static class MachineVerdict
{
    private static readonly (string Hook, Capabilities Needs, Func<BpfFeatures, IEnumerable<(BpfFeatureState State, string Detail)>> Parts)[] s_hooks =
    [
        ("tracing (tp_btf)", Capabilities.PerfMon, static kernel => [Of(kernel.Check(BpfFeature.KernelBtf)), Of(kernel.Check(BpfProgramType.Tracing)), Of(kernel.Check(BpfLinkType.RawTracepoint))]),
        ("tracepoints", Capabilities.PerfMon, static kernel => [Of(kernel.Check(BpfProgramType.Tracepoint)), TraceFs()]),
        ("functions (fentry)", Capabilities.PerfMon, static kernel => [Of(kernel.Check(BpfFeature.KernelBtf)), Of(kernel.Check(BpfProgramType.Tracing)), Of(kernel.Check(BpfLinkType.Tracing))]),
        ("kprobes", Capabilities.PerfMon, static kernel => [Of(kernel.Check(BpfProgramType.KProbe)), Probes(ProbePmu.Kernel, "CONFIG_KPROBE_EVENTS")]),
        ("uprobes", Capabilities.PerfMon, static kernel => [Of(kernel.Check(BpfProgramType.KProbe)), Probes(ProbePmu.User, "CONFIG_UPROBE_EVENTS")]),
        ("XDP", Capabilities.NetAdmin, static kernel => [Of(kernel.Check(BpfProgramType.Xdp))]),
        ("TC", Capabilities.NetAdmin, static kernel => [Of(kernel.Check(BpfProgramType.SchedCls))]),
        ("control groups", Capabilities.NetAdmin, static kernel => [Of(kernel.Check(BpfProgramType.CGroupSkb)), ControlGroups()]),
        ("LSM", Capabilities.PerfMon, static kernel => [Of(kernel.Check(BpfProgramType.Lsm)), SecurityModules()]),
    ];

    /// <summary>Returns each hook with its result. A hook that this process may not probe is refused, never "yes".</summary>
    internal static JsonObject Read()
    {
        var verdict = new JsonObject();
        foreach ((string hook, Capabilities needs, Func<BpfFeatures, IEnumerable<(BpfFeatureState State, string Detail)>> parts) in s_hooks)
        {
            verdict[hook] = Answer(parts(BpfFeatures.Current), needs);
        }

        return verdict;
    }

    /// <summary>Returns all results in one line.</summary>
    internal static string Line(JsonObject verdict) => string.Join("; ", verdict.Select(static hook => $"{hook.Key}: {hook.Value}"));

    /// <summary>A hook is as usable as its least usable part.</summary>
    internal static string Answer(IEnumerable<(BpfFeatureState State, string Detail)> parts, Capabilities needs)
    {
        (BpfFeatureState State, string Detail)[] all = [.. parts];
        return Array.Find(all, static part => part.State == BpfFeatureState.Absent) is { Detail.Length: > 0 } absent ? $"no ({absent.Detail})"
            : Array.Exists(all, static part => part.State == BpfFeatureState.Absent) ? "no"
            : Array.Exists(all, static part => part.State == BpfFeatureState.Refused) ? $"refused by {Refuser(needs)}"
            : "yes";
    }

    // The exception of a refused load has the reason.
    private static string Refuser(Capabilities needs)
    {
        const BpfCommand Load = BpfCommand.ProgramLoad;
        var reason = (BpfPermissionException)KernelErrors.Of(LinuxKernel.Instance, Load, -Errno.EPERM, "Trying the hook", needs | Capabilities.Bpf);
        return reason.Refused switch
        {
            BpfRefusal.Capability => $"a missing capability ({reason.MissingCapability})",
            BpfRefusal.Lockdown => "kernel lockdown",
            BpfRefusal.ResourceLimit => "the limit of locked memory (RLIMIT_MEMLOCK)",
            BpfRefusal.KernelPolicy => ProcessPrivileges.Read(LinuxKernel.Instance).InUserNamespace ? "the user namespace (a BPF token is needed)" : "this kernel's policy (EPERM with all capabilities)",
            _ => "an unknown policy (/proc is not mounted)",
        };
    }

    private static (BpfFeatureState State, string Detail) Of(BpfFeatureResult result) => (result.State, result.State == BpfFeatureState.Absent ? $"{result.Subject}: {result.Detail}" : "");

    private static (BpfFeatureState State, string Detail) Probes(string kind, string option)
        => ProbePmu.Read(LinuxKernel.Instance, kind) is not null ? (BpfFeatureState.Supported, "") : (BpfFeatureState.Absent, $"not supported by this kernel, {option} is not set");

    private static (BpfFeatureState State, string Detail) TraceFs()
        => TraceFiles.Roots.Any(static root => Directory.Exists(root + "/events"))
            ? (BpfFeatureState.Supported, "")
            : (BpfFeatureState.Absent, "tracefs is not mounted: mount -t tracefs tracefs /sys/kernel/tracing");

    private static (BpfFeatureState State, string Detail) ControlGroups()
        => MachineFacts.IsMounted("cgroup2") ? (BpfFeatureState.Supported, "") : (BpfFeatureState.Absent, "no cgroup2 is mounted: mount -t cgroup2 none /sys/fs/cgroup");

    // Without securityfs the list cannot be read, and only the program type is checked.
    private static (BpfFeatureState State, string Detail) SecurityModules()
        => LinuxKernel.Instance.TryReadText("/sys/kernel/security/lsm", out _)?.Trim() is { Length: > 0 } modules && !modules.Split(',').Contains("bpf")
            ? (BpfFeatureState.Absent, $"programs would never run: boot with lsm={modules},bpf")
            : (BpfFeatureState.Supported, "");
}
