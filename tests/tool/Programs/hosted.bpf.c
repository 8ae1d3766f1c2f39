// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What an application hosts: it counts the calls of one process, in steps that a parameter sets.

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/reload.h>

const volatile __u32 tgid;
const volatile __u32 step = 1;
const volatile bool is_refused;

__u64 hosted_calls HM_SUM;

SEC("raw_tp/sys_enter")
int hosted_on_enter(__u64 *ctx)
{
	if (is_refused)
		return *(volatile int *)ctx[1];
	if (bpf_get_current_pid_tgid() >> 32 == tgid && ctx[1] == 500)
		__atomic_fetch_add(&hosted_calls, step, __ATOMIC_RELAXED);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
