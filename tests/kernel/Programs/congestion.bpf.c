// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Congestion controls that count what TCP asks of them: one registered by its map alone, two by a link, one of which replaces the other.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;
struct ack_sample;
struct rate_sample;
union tcp_cc_info;

/* Fields are matched with the kernel's by name; the order here is our own, and the last is one no kernel has. */
struct tcp_congestion_ops___ours {
	char name[16];
	__u32 flags;
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*init)(struct sock *sk);
	void (*release)(struct sock *sk);
	__u64 no_such_field;
};

__u64 first_inits;
__u64 first_releases;
__u64 second_inits;

SEC("struct_ops/hm_init")
void BPF_PROG(hm_init, struct sock *sk)
{
	first_inits++;
}

SEC("struct_ops/hm_init_second")
void BPF_PROG(hm_init_second, struct sock *sk)
{
	second_inits++;
}

SEC("struct_ops/hm_release")
void BPF_PROG(hm_release, struct sock *sk)
{
	first_releases++;
}

SEC("struct_ops/hm_ssthresh")
__u32 BPF_PROG(hm_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops/hm_undo")
__u32 BPF_PROG(hm_undo, struct sock *sk)
{
	return 2;
}

SEC("struct_ops/hm_avoid")
void BPF_PROG(hm_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops___ours plain = {
	.name = "hm_plain",
	.init = (void *)hm_init,
	.release = (void *)hm_release,
	.ssthresh = (void *)hm_ssthresh,
	.undo_cwnd = (void *)hm_undo,
	.cong_avoid = (void *)hm_avoid,
};

SEC("?.struct_ops.link")
struct tcp_congestion_ops___ours linked = {
	.name = "hm_linked",
	.init = (void *)hm_init,
	.ssthresh = (void *)hm_ssthresh,
	.undo_cwnd = (void *)hm_undo,
	.cong_avoid = (void *)hm_avoid,
};

SEC("?.struct_ops.link")
struct tcp_congestion_ops___ours replacement = {
	.name = "hm_linked",
	.init = (void *)hm_init_second,
	.ssthresh = (void *)hm_ssthresh,
	.undo_cwnd = (void *)hm_undo,
	.cong_avoid = (void *)hm_avoid,
};

char LICENSE[] SEC("license") = "Dual BSD/GPL";
