#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct openat { /*here*/
	long __syscall_nr;
	long dfd;
	const char *filename;
};

char last[64];

SEC("tracepoint/syscalls/sys_enter_openat")
int program(struct openat *ctx)
{
	bpf_probe_read_user_str(last, sizeof(last), ctx->filename);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
