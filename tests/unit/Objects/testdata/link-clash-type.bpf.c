// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Does not go with link-first.bpf.c. Compiled as that.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

extern __u32 sum;

SEC("raw_tracepoint")
int other(void *ctx)
{
	return sum;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
