#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <string.h> /*here*/

__u64 seen;

SEC("tracepoint/sched/sched_process_fork")
int on_fork(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	if (__builtin_memcmp(comm, "bash", 5) == 0)
		seen++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
