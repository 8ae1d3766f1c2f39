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
	__atomic_fetch_add(&hits, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&cookies, bpf_usdt_cookie(ctx), __ATOMIC_RELAXED);
	arguments = bpf_usdt_arg_cnt(ctx);
	if (!bpf_usdt_arg(ctx, 0, &value))
		__atomic_fetch_add(&first, value, __ATOMIC_RELAXED);
	if (!bpf_usdt_arg(ctx, 1, &value))
		__atomic_fetch_add(&second, value, __ATOMIC_RELAXED);
	if (!bpf_usdt_arg(ctx, 2, &value))
		__atomic_fetch_add(&third, value, __ATOMIC_RELAXED);
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
