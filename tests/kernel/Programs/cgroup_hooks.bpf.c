// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One program for each hook of control groups; each counts what it sees and lets it pass. What fires them comes one at a time,
// so the counts need no atomic addition, of which kernels before 5.12 know one form only.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

__u64 hits;
__u64 others;

static __always_inline int hit(void)
{
	hits++;
	return 1;
}

#define COUNTS(name, section, context) \
	SEC("?" section) int name(context *ctx) { return hit(); }

COUNTS(skb, "cgroup/skb", struct __sk_buff)
COUNTS(ingress, "cgroup_skb/ingress", struct __sk_buff)
COUNTS(egress, "cgroup_skb/egress", struct __sk_buff)
COUNTS(sock, "cgroup/sock", struct bpf_sock)
COUNTS(sock_create, "cgroup/sock_create", struct bpf_sock)
COUNTS(sock_release, "cgroup/sock_release", struct bpf_sock)
COUNTS(post_bind4, "cgroup/post_bind4", struct bpf_sock)
COUNTS(post_bind6, "cgroup/post_bind6", struct bpf_sock)
COUNTS(bind4, "cgroup/bind4", struct bpf_sock_addr)
COUNTS(bind6, "cgroup/bind6", struct bpf_sock_addr)
COUNTS(connect4, "cgroup/connect4", struct bpf_sock_addr)
COUNTS(connect6, "cgroup/connect6", struct bpf_sock_addr)
COUNTS(connect_unix, "cgroup/connect_unix", struct bpf_sock_addr)
COUNTS(sendmsg4, "cgroup/sendmsg4", struct bpf_sock_addr)
COUNTS(sendmsg6, "cgroup/sendmsg6", struct bpf_sock_addr)
COUNTS(sendmsg_unix, "cgroup/sendmsg_unix", struct bpf_sock_addr)
COUNTS(recvmsg4, "cgroup/recvmsg4", struct bpf_sock_addr)
COUNTS(recvmsg6, "cgroup/recvmsg6", struct bpf_sock_addr)
COUNTS(recvmsg_unix, "cgroup/recvmsg_unix", struct bpf_sock_addr)
COUNTS(getpeername4, "cgroup/getpeername4", struct bpf_sock_addr)
COUNTS(getpeername6, "cgroup/getpeername6", struct bpf_sock_addr)
COUNTS(getpeername_unix, "cgroup/getpeername_unix", struct bpf_sock_addr)
COUNTS(getsockname4, "cgroup/getsockname4", struct bpf_sock_addr)
COUNTS(getsockname6, "cgroup/getsockname6", struct bpf_sock_addr)
COUNTS(getsockname_unix, "cgroup/getsockname_unix", struct bpf_sock_addr)
COUNTS(sysctl, "cgroup/sysctl", struct bpf_sysctl)
COUNTS(getsockopt, "cgroup/getsockopt", struct bpf_sockopt)
COUNTS(setsockopt, "cgroup/setsockopt", struct bpf_sockopt)
COUNTS(bind_hook, "lsm_cgroup/socket_bind", void)

/* /dev/null alone: the runtime may open others meanwhile. */
SEC("?cgroup/dev")
int dev(struct bpf_cgroup_dev_ctx *ctx)
{
	return ctx->major == 1 && ctx->minor == 3 ? hit() : 1;
}

SEC("?sockops")
int sockops(struct bpf_sock_ops *ctx)
{
	return ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ? hit() : 1;
}

/* Two more for order and exchange. */
SEC("?cgroup_skb/egress")
int second(struct __sk_buff *ctx)
{
	others += hits;
	return 1;
}

SEC("?cgroup_skb/egress")
int third(struct __sk_buff *ctx)
{
	others++;
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
