#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sched/sched_switch")
int program(void *ctx)
{
	return 0; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
