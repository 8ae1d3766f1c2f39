#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define HTTPS 443

__u64 secure;

SEC("cgroup/connect4")
int program(struct bpf_sock_addr *ctx)
{
	switch (ctx->user_port) {
	case HTTPS: /*here*/
		__sync_fetch_and_add(&secure, 1);
		break;
	}
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
