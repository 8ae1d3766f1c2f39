#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry {
	__u64 first;
	__u64 second;
};

struct entry last;

SEC("raw_tp/sched_process_fork")
int program(struct bpf_raw_tracepoint_args *ctx)
{
	struct entry *parent = (void *)ctx->args[0];

	bpf_probe_read_kernel(&last, sizeof(parent), parent); /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
