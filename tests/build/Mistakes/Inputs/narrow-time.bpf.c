#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 longest;
__u64 start;

SEC("raw_tp/sched_switch")
int program(void *ctx)
{
	__u32 now = bpf_ktime_get_ns(); /*here*/

	if (now - start > longest)
		longest = now - start;
	start = now;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
