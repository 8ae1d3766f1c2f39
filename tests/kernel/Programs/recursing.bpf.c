// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A program at the tracepoint its own helper fires: it is not run within itself, and the kernel counts that.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 tid;
__u64 runs;

SEC("raw_tp/bpf_trace_printk")
int within(void *ctx)
{
	static const char text[] = "again";

	if ((__u32)bpf_get_current_pid_tgid() != tid)
		return 0;
	runs++;
	bpf_trace_printk(text, sizeof(text));
	return 0;
}

SEC("raw_tp/sched_switch")
int print(void *ctx)
{
	static const char text[] = "once";

	bpf_trace_printk(text, sizeof(text));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
