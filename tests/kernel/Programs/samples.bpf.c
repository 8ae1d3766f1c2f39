// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Programs at perf events.

#include <linux/bpf.h>
#include <linux/types.h>
#include <linux/ptrace.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

const volatile __u64 first;	/* addresses that count, for events that have one */
const volatile __u64 end;
__u64 hits;
__u64 in_range;
__u64 cookies;

SEC("?perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	hits++;
	if (ctx->addr >= first && ctx->addr < end)
		in_range++;
	return 0;
}

SEC("?perf_event")
int sample_cookie(struct bpf_perf_event_data *ctx)
{
	hits++;
	cookies += bpf_get_attach_cookie(ctx);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
