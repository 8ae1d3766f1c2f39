// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Two programs of different types that tail-call through one map: the kernel accepts each alone, but not both. And one that the verifier rejects.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} rival_jumps SEC(".maps");

SEC("xdp")
int rival_first(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &rival_jumps, 0);
	return XDP_PASS;
}

SEC("socket")
int rival_second(struct __sk_buff *ctx)
{
	bpf_tail_call(ctx, &rival_jumps, 0);
	return 0;
}

SEC("xdp")
int rival_unchecked(struct xdp_md *ctx)
{
	return *(__u32 *)(long)ctx->data;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
