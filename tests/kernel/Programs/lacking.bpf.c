// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What no kernel has, several things at once; and the same things where the C does without them.

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int hypermesh_missing(void) __ksym;
extern int hypermesh_spare(void) __ksym __weak;
extern bool CONFIG_HYPERMESH_MISSING __kconfig;
extern bool CONFIG_HYPERMESH_SPARE __kconfig __weak;

__u64 runs;

SEC("tp_btf/hypermesh_missing")
int nowhere(__u64 *ctx)
{
	if (CONFIG_HYPERMESH_MISSING || CONFIG_HYPERMESH_SPARE)
		runs += hypermesh_missing();
	if (hypermesh_spare)
		runs += hypermesh_spare();
	return 0;
}

SEC("?tp_btf/hypermesh_spare")
int left_out(__u64 *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
