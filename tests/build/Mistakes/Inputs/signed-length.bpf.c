#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char text[64];

SEC("raw_tp/sys_enter")
int program(struct bpf_raw_tracepoint_args *ctx)
{
	int n = ctx->args[1];

	if (n > 0 && n < 64)
		bpf_probe_read_kernel(text, n, (void *)ctx->args[0]); /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
