// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Functions of the kernel: one that is there, by a flavour of its name too; some that are not, and one with another prototype.

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#ifndef bpf_ksym_exists
#define bpf_ksym_exists(symbol) (!!(symbol))
#endif

/* Declarations without a body match no type of the kernel. */
struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern struct task_struct *bpf_task_from_pid___flavour(__s32 pid) __ksym __weak;
extern struct task_struct *bpf_task_from_pid___other(__s32 pid, __s32 more) __ksym __weak;
extern int bpf_no_such_function(void *pointer) __ksym __weak;

struct run {
	__s32 pid;
	__u32 found;
};

static __always_inline __u32 one(struct task_struct *task, __u32 bit)
{
	if (!task)
		return 0;
	bpf_task_release(task);
	return bit;
}

SEC("?syscall")
int call(struct run *run)
{
	__u32 found = one(bpf_task_from_pid(run->pid), 1);

	if (bpf_ksym_exists(bpf_task_from_pid___flavour))
		found |= one(bpf_task_from_pid___flavour(run->pid), 2);
	if (bpf_ksym_exists(bpf_task_from_pid___other))
		found |= 4;
	if (bpf_ksym_exists(bpf_no_such_function))
		found |= bpf_no_such_function(run) | 8;
	run->found = found;
	return 0;
}

SEC("?syscall")
int contradicts(struct run *run)
{
	return one(bpf_task_from_pid___other(run->pid, 1), 1);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
