#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

int found;

SEC("raw_tp/sched_switch")
int program(struct bpf_raw_tracepoint_args *ctx)
{
	if (bpf_map_lookup_elem(&counts, (void *)ctx->args[1])) /*here*/
		found++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
