#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} by_process SEC(".maps");

SEC("raw_tp/sys_enter")
int program(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid(); /*here*/
	__u64 one = 1;

	bpf_map_update_elem(&by_process, &pid, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
