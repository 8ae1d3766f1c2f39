#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe:do_unlinkat")
int program(void *ctx)
{
	return 0; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
