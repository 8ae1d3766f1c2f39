#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

SEC("tracepoint/sched/sched_process_fork")
int on_fork(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	if (strcmp(comm, "bash") == 0) /*here*/
		seen++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
