#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 length = 8;
char from[64];
char to[64];

SEC("tp_btf/sched_process_fork")
int program(void *ctx)
{
	__u32 n = length;

	if (n > sizeof(to))
		return 0;
	__builtin_memcpy(to, from, n); /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
