// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Global functions that get the context, by a tag alone; two program types call one of them. And static functions in a program's own section.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#ifndef __arg_ctx
#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
#endif

__u64 runs, stack, own;

__noinline int take(void *ctx __arg_ctx)
{
	__u64 frames[4] = {};

	stack = bpf_get_stack(ctx, frames, sizeof(frames), 0);
	return 0;
}

SEC("raw_tp/sched_switch")
static __noinline int beside(__u64 step)
{
	own += step;
	return own & 1;
}

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	runs++;
	beside(2);
	return take(ctx);
}

SEC("perf_event")
int on_event(struct bpf_perf_event_data *ctx)
{
	return take(ctx);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
