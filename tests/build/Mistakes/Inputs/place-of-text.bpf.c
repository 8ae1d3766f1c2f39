#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct exec {
	__u64 common;
	__u32 __data_loc_filename;
	__u32 pid;
};

char last[64];

SEC("tracepoint/sched/sched_process_exec")
int program(struct exec *ctx)
{
	bpf_probe_read_kernel_str(last, sizeof(last), (void *)ctx + ctx->__data_loc_filename); /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
