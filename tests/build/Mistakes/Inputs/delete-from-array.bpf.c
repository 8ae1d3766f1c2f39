#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("raw_tp/sched_process_fork")
int program(void *ctx)
{
	__u32 key = 0;
	__u64 zero = 0;

	bpf_map_delete_elem(&counts, &key);
	return zero;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
