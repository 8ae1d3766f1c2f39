// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A policy of the test's own: this thread loads no iterator.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define EPERM 1

const volatile __u32 tid;
const volatile __u32 least_instructions;

__u64 refusals;

SEC("?lsm/bpf")
int refuse(unsigned long long *ctx)
{
	int command = ctx[0];
	union bpf_attr *attributes = (void *)ctx[1];

	if (command != BPF_PROG_LOAD || (__u32)bpf_get_current_pid_tgid() != tid)
		return 0;
	if (attributes->prog_type != BPF_PROG_TYPE_TRACING || attributes->expected_attach_type != BPF_TRACE_ITER)
		return 0;
	if (attributes->insn_cnt < least_instructions)
		return 0;
	refusals++;
	return -EPERM;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
