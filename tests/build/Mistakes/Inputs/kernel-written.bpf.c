#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sched_switch")
int program(__u64 *ctx)
{
	*(volatile int *)ctx[1] = 1; /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
