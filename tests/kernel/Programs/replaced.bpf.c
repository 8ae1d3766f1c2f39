// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A program with functions that others may take the place of, and those others.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/* Not inlined, and looked at by itself, so that another may stand in its place. */
__noinline int answer(struct __sk_buff *skb)
{
	volatile int value = 1;

	return skb ? value : 0;
}

__noinline int other_answer(struct __sk_buff *skb)
{
	volatile int value = 2;

	return skb ? value : 0;
}

SEC("?tc")
int asks(struct __sk_buff *skb)
{
	return answer(skb) + 10 * other_answer(skb);
}

SEC("?freplace/answer")
int replaces(struct __sk_buff *skb)
{
	return 7;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
