// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What is said of a license the kernel holds the program to; one helper is for the GPL's alone. The version is for kernels before 5.0.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sched_switch")
int unrestricted(void *ctx)
{
	return 0;
}

SEC("?raw_tp/sched_switch")
int restricted(void *ctx)
{
	static const char text[] = "";

	return bpf_trace_printk(text, sizeof(text));
}

char LICENSE[] SEC("license") = "Proprietary";
__u32 VERSION SEC("version") = 0x050a01;
