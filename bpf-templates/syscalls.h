/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TEMPLATES_SYSCALLS_H
#define TEMPLATES_SYSCALLS_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/*
 * The number and the arguments of a system call, from the registers that tp_btf/sys_enter and tp_btf/sys_exit pass.
 *
 *     struct call call;
 *
 *     if (!read_call(regs, &call))
 *         return 0;
 *     switch (call.number) {
 *     case 74:                fsync, as x86-64 and arm64 number it
 *     case ON_ARM64(82):
 */
#define ON_ARM64(number) (1u << 16 | (number))

#define TS_COMPAT 2		/* a system call of a 32-bit program on a 64-bit kernel of x86, which has other numbers */

struct pt_regs;

struct pt_regs___x86 {
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
} __attribute__((preserve_access_index));

struct pt_regs___arm64 {
	__u64 regs[31];		/* the first one becomes the result */
	__u64 orig_x0;
	__s32 syscallno;
} __attribute__((preserve_access_index));

struct thread_info___x86 {
	__u32 status;
} __attribute__((preserve_access_index));

struct task_struct___x86 {
	struct thread_info___x86 thread_info;
} __attribute__((preserve_access_index));

struct call {
	__u32 number;
	__u64 arguments[3];
};

/* Returns false for calls of 32-bit programs on x86. */
static __always_inline _Bool read_call(struct pt_regs *regs, struct call *call)
{
	if (bpf_core_field_exists(struct pt_regs___x86, orig_ax)) {
		struct pt_regs___x86 *x86 = (void *)regs;

		call->number = x86->orig_ax;
		call->arguments[0] = x86->di;
		call->arguments[1] = x86->si;
		call->arguments[2] = x86->dx;
		return !(BPF_CORE_READ((struct task_struct___x86 *)bpf_get_current_task(), thread_info.status) & TS_COMPAT);
	}
	if (bpf_core_field_exists(struct pt_regs___arm64, syscallno)) {
		struct pt_regs___arm64 *arm64 = (void *)regs;

		call->number = ON_ARM64((__u32)arm64->syscallno & 0xffff);
		call->arguments[0] = arm64->orig_x0;
		call->arguments[1] = arm64->regs[1];
		call->arguments[2] = arm64->regs[2];
		return 1;
	}
	return 0;
}

#endif
