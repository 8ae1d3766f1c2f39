using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

/// <summary>Places in the kernel that trials are aimed at: things every kernel has that has the kind at all. 0 for one that is not there.</summary>
internal static class ProbeTargets
{
    internal static int Tracepoint(IKernel kernel) => Find(kernel, "btf_trace_sched_switch", BtfKind.Typedef);

    internal static int SecurityHook(IKernel kernel) => Find(kernel, "bpf_lsm_file_open", BtfKind.Function);

    /// <summary>A function that is there to be traced by trials, and that nothing calls but BPF's own test run.</summary>
    internal static int Function(IKernel kernel) => Find(kernel, "bpf_fentry_test1", BtfKind.Function);

    internal static int Iterator(IKernel kernel) => Find(kernel, "bpf_iter_task", BtfKind.Function);

    internal static int SocketSecurityHook(IKernel kernel) => Find(kernel, "bpf_lsm_socket_post_create", BtfKind.Function);

    private static int Find(IKernel kernel, string name, BtfKind kind)
    {
        using KernelBtf types = KernelBtf.Borrow(kernel);
        return types.Types.Find(name, kind);
    }
}
