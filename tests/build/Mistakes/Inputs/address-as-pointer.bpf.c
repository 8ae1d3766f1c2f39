#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int last;

SEC("raw_tp/sched_switch")
int program(struct bpf_raw_tracepoint_args *ctx)
{
	last = *(int *)ctx->args[1]; /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
