// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A function declared with a type that has no body, which is none of the kernel's, and not weak: the object is not loaded.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct task_struct;

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;

SEC("syscall")
int call(void *ctx)
{
	return bpf_task_from_pid(1) != 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
