namespace Hypermesh.Bpf;

/// <summary><c>perf_event_open(2)</c>.</summary>
internal static class PerfEvents
{
    /// <summary>The CPU number that stands for all of them, for events of one process.</summary>
    internal const int AllCpus = -1;

    internal static BpfHandle Open(in LinkRequest request, in PerfEventAttr attributes, int process, int cpu)
        => Own(request, request.Kernel.PerfEventOpen(in attributes, process, cpu));

    /// <summary>Returns the opened event, or throws for a negative errno.</summary>
    internal static BpfHandle Own(in LinkRequest request, long opened)
        => opened >= 0 ? new BpfHandle(request.Kernel, opened) : throw request.Error("perf_event_open", opened);
}
