#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct exec {
	__u32 __data_loc_filename;
	int pid;
	int old_pid;
};

int last;

SEC("tracepoint/sched/sched_process_exec")
int program(struct exec *ctx)
{
	last = ctx->pid; /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
