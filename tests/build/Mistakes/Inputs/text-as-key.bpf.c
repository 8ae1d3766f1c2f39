#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, char *);
	__type(value, __u64);
} by_name SEC(".maps"); /*here*/

SEC("raw_tp/sys_enter")
int program(void *ctx)
{
	char name[16] = {};
	__u64 one = 1;

	bpf_get_current_comm(name, sizeof(name));
	bpf_map_update_elem(&by_name, name, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
