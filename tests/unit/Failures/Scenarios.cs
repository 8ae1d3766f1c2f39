using System.Text;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Failures;

/// <summary>Loads, attachments and reads of every kind, on a kernel that has all they look for.</summary>
internal static class Scenarios
{
    internal static Scenario[] All { get; } =
    [
        new("load alone", ["socket_filter"], static (_, _) => { }),
        new("CO-RE", ["relocated"], static (_, live) => live.Attach()),
        new("externs", ["configured"], static (_, live) => live.Attach()),
        new("maps", [], UseMaps),
        new("ring buffer", [], static (_, live) => new BpfRingBuffer(live.GetMap("events")).Consume(static _ => { })),
        new("event loop", [], WatchRing),
        new("pins", ["socket_filter"], UsePins),
        new("raw tracepoint", ["raw_tracepoint"], static (_, live) => live.Attach()),
        new("tracepoint", ["tracepoint"], static (_, live) => live.Attach()),
        new("typed tracepoint", ["typed_tracepoint"], static (_, live) => live.Attach()),
        new("fentry", ["function_entry"], static (_, live) => live.Attach()),
        new("lsm", ["security_hook"], static (_, live) => live.Attach()),
        new("iterator", ["iterator"], static (_, live) => live.GetProgram<BpfIteratorProgram>("iterator").Run()),
        new("kprobe", ["kernel_probe"], static (_, live) => live.Attach()),
        new("kretprobe", ["kernel_return_probe"], static (_, live) => live.Attach()),
        new("kprobe.multi", ["kernel_probes"], static (_, live) => live.Attach()),
        new("xdp", ["xdp"], static (kernel, live) => live.GetProgram<BpfXdpProgram>("xdp").Attach(Device(kernel))),
        new("xdp by netlink", ["xdp"], static (kernel, live) => live.GetProgram<BpfXdpProgram>("xdp").AttachByNetlink(Device(kernel))),
        new("classifier", ["classifier"], static (kernel, live) => live.GetProgram<BpfSchedClassifierProgram>("classifier").Attach(Device(kernel), PacketDirection.Egress)),
        new("clsact", ["classifier"], static (kernel, live) => live.GetProgram<BpfSchedClassifierProgram>("classifier").AttachFilter(Device(kernel), PacketDirection.Egress)),
        new("tcx", ["tcx"], static (kernel, live) => live.GetProgram<BpfTcxProgram>("tcx").Attach(Device(kernel))),
        new("netfilter", ["netfilter"], static (_, live) => live.GetProgram<BpfNetfilterProgram>("netfilter").Attach(new NetfilterOptions { Hook = NetfilterHook.LocalIn })),
        new("sk_lookup", ["socket_lookup"], static (kernel, live) =>
        {
            using NetworkNamespace space = NetworkNamespace.Open(kernel, NamespacePath);
            live.GetProgram<BpfNetworkNamespaceProgram>("socket_lookup").Attach(space);
        }),
        new("sk_msg", ["socket_message"], static (_, live) => live.GetProgram<BpfSockMapProgram>("socket_message").Attach(live.GetMap("sockets"))),
        new("cgroup_skb", ["group_packets"], static (kernel, live) =>
        {
            using ControlGroup group = ControlGroup.Open(kernel, GroupPath);
            live.GetProgram<BpfCGroupProgram>("group_packets").Attach(group);
        }),
        new("cgroup/connect4", ["group_connect"], static (kernel, live) =>
        {
            using ControlGroup group = ControlGroup.Open(kernel, GroupPath);
            live.GetProgram<BpfCGroupProgram>("group_connect").Attach(group);
        }),
        new("test run", ["on_demand"], static (_, live) =>
        {
            int context = 0;
            live.GetProgram<BpfSyscallProgram>("on_demand").Run(ref context);
        }),
        new("run statistics", [], static (kernel, _) => BpfStatistics.Enable(kernel).Dispose()),
    ];

    private const string NamespacePath = "/proc/self/ns/net";
    private const string GroupPath = "/sys/fs/cgroup/test";

    /// <summary>A kernel with the files and types the object asks for.</summary>
    internal static ScriptedKernel NewKernel()
    {
        var kernel = new ScriptedKernel();
        kernel.Files[KernelBtf.Path] = s_types;
        AddText(kernel, "/proc/sys/kernel/osrelease", "6.18.5\n");
        AddText(kernel, "/boot/config-6.18.5", "CONFIG_HZ=250\n");
        AddText(kernel, "/proc/kallsyms", "ffffffff81000000 D some_symbol\nffffffff81000010 T do_nothing\n");
        AddText(kernel, "/sys/bus/event_source/devices/kprobe/type", "8\n");
        AddText(kernel, "/sys/bus/event_source/devices/kprobe/format/retprobe", "config:0\n");
        AddText(kernel, "/sys/kernel/tracing/events/sched/sched_switch/id", "314\n");
        AddText(kernel, "/sys/kernel/tracing/available_filter_functions", "do_nothing\n");
        AddText(kernel, NamespacePath, "");
        AddText(kernel, GroupPath, "");
        return kernel;
    }

    private static readonly byte[] s_types = Types();

    private static void AddText(ScriptedKernel kernel, string path, string text) => kernel.Files[path] = Encoding.ASCII.GetBytes(text);

    private static byte[] Types()
    {
        var types = new BtfBuilder();
        int integer = types.Int("int", 4, BtfIntEncoding.Signed);
        int task = types.Struct("task_struct", 8, ("state", integer, 0), ("pid", integer, 32));
        int prototype = types.Prototype(integer, types.Pointer(task));
        types.Typedef("btf_trace_sched_switch", types.Pointer(prototype));
        foreach (string function in (string[])["bpf_iter_task", "bpf_lsm_file_open", "do_nothing", "bpf_fentry_test1"])
        {
            types.Function(function, prototype);
        }

        return types.Build();
    }

    private static NetworkDevice Device(ScriptedKernel kernel) => NetworkDevice.FromIndex(kernel, 7);

    private static void UseMaps(ScriptedKernel kernel, BpfObject live)
    {
        var counts = new BpfHashMap<uint, ulong>(live.GetMap("counts"));
        counts[1] = 2;
        counts.TryGetValue(1, out _);
        counts.Remove(1);
        var slots = new BpfArrayMap<ulong>(live.GetMap("slots"));
        slots[0] = slots[1] + 1;
        _ = live.GetMap("slots").Id;
        live.GetMap("slots").Freeze();
    }

    private static void WatchRing(ScriptedKernel kernel, BpfObject live)
    {
        using var stop = new CancellationTokenSource();
        IAsyncEnumerator<byte[]> records = new BpfRingBuffer(live.GetMap("events")).ReadAllAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        ValueTask<bool> next = records.MoveNextAsync();
        stop.Cancel();
        try
        {
            next.AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // Nothing came, and nobody waits any more.
        }
        finally
        {
            records.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static void UsePins(ScriptedKernel kernel, BpfObject live)
    {
        live.GetMap("counts").Pin("/sys/fs/bpf/counts");
        live.GetMap("counts").Unpin("/sys/fs/bpf/counts");
        live.Programs[0].Pin("/sys/fs/bpf/filter");
        live.Programs[0].Unpin("/sys/fs/bpf/filter");
    }
}
