// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Static probes of user programs: how often one process passed them, and what their arguments were.

#include <linux/bpf.h>
#include <linux/types.h>
#include <linux/ptrace.h>

#define bool _Bool
#include <bpf/bpf_helpers.h>
#include <bpf/usdt.bpf.h>

const volatile __u32 pid;
__u64 hits;
__u64 cookies;
__u64 arguments;
__s64 first;
__s64 second;
__s64 third;

static __always_inline int pass(struct pt_regs *ctx)
{
	long value = 0;

	if (bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	__sync_fetch_and_add(&hits, 1);
	__sync_fetch_and_add(&cookies, bpf_usdt_cookie(ctx));
	arguments = bpf_usdt_arg_cnt(ctx);
	if (!bpf_usdt_arg(ctx, 0, &value))
		__sync_fetch_and_add(&first, value);
	if (!bpf_usdt_arg(ctx, 1, &value))
		__sync_fetch_and_add(&second, value);
	if (!bpf_usdt_arg(ctx, 2, &value))
		__sync_fetch_and_add(&third, value);
	return 0;
}

SEC("?usdt")
int plain(struct pt_regs *ctx)
{
	return pass(ctx);
}

SEC("?usdt.s")
int sleepable(struct pt_regs *ctx)
{
	return pass(ctx);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
