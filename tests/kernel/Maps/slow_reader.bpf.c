// SPDX-License-Identifier: GPL-2.0
/* A program that runs for some milliseconds: what waits for all running programs waits for it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long next(__u64 index, void *context)
{
	return 0;
}

SEC("socket")
int read_slowly(struct __sk_buff *skb)
{
	bpf_loop(1 << 22, next, NULL, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
