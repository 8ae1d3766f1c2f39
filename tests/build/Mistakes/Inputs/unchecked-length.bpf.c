#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char text[16];

SEC("raw_tp/sched_switch")
int program(void *ctx)
{
	__u32 length = bpf_get_prandom_u32();

	return bpf_probe_read_kernel(text, length, ctx) != 0; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
