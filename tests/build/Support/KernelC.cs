namespace Hypermesh.Bpf.Tests.Build.Support;

/// <summary>C that the tests' projects are made of.</summary>
internal static class KernelC
{
    /// <summary>Counts packets by protocol; it ends with a newline.</summary>
    public const string CountsPackets =
        """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>

        struct {
        	__uint(type, BPF_MAP_TYPE_HASH);
        	__uint(max_entries, 64);
        	__type(key, __u32);
        	__type(value, __u64);
        } by_protocol SEC(".maps");

        SEC("xdp")
        int count_packets(struct xdp_md *ctx)
        {
        	__u32 key = ctx->ingress_ifindex;
        	__u64 one = 1;

        	bpf_map_update_elem(&by_protocol, &key, &one, BPF_ANY);
        	return XDP_PASS;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";

        """;
}
