#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int copy_packet(struct xdp_md *ctx)
{
	__u8 header[14];

	if (bpf_skb_load_bytes(ctx, 0, header, sizeof(header))) /*here*/
		return XDP_PASS;
	return header[12] == 8 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
