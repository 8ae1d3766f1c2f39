#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char text[64];

SEC("raw_tp/sys_enter")
int program(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 n = ctx->args[1];

	if (n > sizeof(text))
		n = sizeof(text);
	return bpf_probe_read_kernel(text, n, (void *)ctx->args[0]) ? 1 : 0; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
