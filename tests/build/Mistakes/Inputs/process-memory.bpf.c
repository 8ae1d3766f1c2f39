#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sys_enter {
	__u64 common;
	__s64 number;
	__u64 args[6];
};

char last[64];

SEC("tracepoint/syscalls/sys_enter_openat")
int program(struct sys_enter *ctx)
{
	bpf_probe_read_kernel_str(last, sizeof(last), (const char *)ctx->args[1]); /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
