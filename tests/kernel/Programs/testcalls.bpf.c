// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// At functions the kernel has for tests alone; a test run calls each of them once.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

__u64 entry_argument, exit_argument, exit_result, entries, exits, changes;

SEC("?fentry/bpf_fentry_test2")
int entry(__u64 *ctx)
{
	entry_argument = (__u32)ctx[0] * 1000 + (__u32)ctx[1];
	entries++;
	return 0;
}

SEC("?fexit/bpf_fentry_test2")
int leave(__u64 *ctx)
{
	exit_argument = (__u32)ctx[0] * 1000 + (__u32)ctx[1];
	exit_result = (__u32)ctx[2];
	exits++;
	return 0;
}

SEC("?fmod_ret/bpf_modify_return_test")
int change(__u64 *ctx)
{
	changes++;
	return 1234;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
