// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// An address of the kernel's that must be there: to be shown it takes CAP_SYSLOG.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

extern const void schedule __ksym;

__u64 address;

SEC("raw_tp/sched_switch")
int read(void *context)
{
	address = (__u64)&schedule;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
