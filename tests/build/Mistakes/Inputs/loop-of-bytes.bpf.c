#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 length = 8;
char from[64];
char to[64];

SEC("tp_btf/sched_process_fork")
int program(void *ctx)
{
	__u32 n = length;

	for (__u32 i = 0; i < 64 && i < n; i++)
		to[i] = from[i]; /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
