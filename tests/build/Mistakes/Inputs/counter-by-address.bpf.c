#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} slots SEC(".maps");

__u64 total;

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u32 i = 0;
	__u64 *slot;

	while ((slot = bpf_map_lookup_elem(&slots, &i))) {
		total += *slot;
		i++;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
