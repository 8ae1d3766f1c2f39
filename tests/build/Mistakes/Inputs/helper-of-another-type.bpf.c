#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sched_switch")
int program(__u64 *ctx)
{
	return bpf_redirect(1, 0); /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
