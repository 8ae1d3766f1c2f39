// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Programs that are started, with their arguments, and the attempts that failed: an event for each.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/parameter.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>
#include "../syscalls.h"

#define ARGUMENTS 256

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
} __attribute__((preserve_access_index));

struct task_struct {
	struct task_struct *real_parent;
	struct mm_struct *mm;
	int tgid;
} __attribute__((preserve_access_index));

HM_TP_ARG(sys_exit, pt_regs, 0);
HM_TP_ARG(sys_exit, long_int, 0);

const volatile __u32 parent HM_PARAMETER(0, 4194304, "Only processes that this one has started; 0 for all") = 0;
const volatile _Bool failed HM_PARAMETER(0, 1, "Only attempts that failed") = 0;

struct started {
	__u32 pid;
	__u32 parent;
	__u32 user;
	__s32 result;			/* 0, or an error's number below 0 */
	char comm[16];			/* of the new program; of the old one, where the attempt failed */
	char arguments[ARGUMENTS];	/* with spaces between them; only the path, where the attempt failed */
};

HM_RINGBUF(events, struct started, 1024 * 1024);

static __always_inline struct started *begin_event(struct task_struct *task, long result)
{
	__u32 from = BPF_CORE_READ(task, real_parent, tgid);
	struct started *event;

	if ((parent && from != parent) || (failed && result >= 0))
		return 0;
	event = hm_reserve(events);
	if (!event)
		return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->parent = from;
	event->user = (__u32)bpf_get_current_uid_gid();
	event->result = (__s32)result;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	event->arguments[0] = 0;
	return event;
}

/* The kernel has just written the arguments into the memory of the new program. */
SEC("tp_btf/sched_process_exec")
int process_exec(__u64 *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 from = BPF_CORE_READ(task, mm, arg_start), length = BPF_CORE_READ(task, mm, arg_end) - from;
	struct started *event = begin_event(task, 0);

	if (!event)
		return 0;
	if (length > ARGUMENTS)
		length = ARGUMENTS;
	if (length && !bpf_probe_read_user(event->arguments, length, (void *)from)) {
		/* Each argument ends with a 0. Without a branch: the verifier would follow both ways for each of the characters. */
		for (__u32 i = 0; i < ARGUMENTS; i++) {
			__u32 one = (__u8)event->arguments[i];

			event->arguments[i] = one | ((one - 1) >> 8 & ' ');
		}
		event->arguments[length - 1] = 0;
	}
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* A call that fails returns to the program that made it, with its registers and its memory. */
SEC("tp_btf/sys_exit")
int sys_exit(__u64 *ctx)
{
	long result = hm_tp_value(ctx, sys_exit, long_int, 0);
	struct started *event;
	struct call call;
	__u64 path;

	if (result >= 0 || !read_call(hm_tp_pointer(ctx, sys_exit, pt_regs, 0), &call))
		return 0;
	switch (call.number) {
	case 59:		/* execve */
	case ON_ARM64(221):
		path = call.arguments[0];
		break;
	case 322:		/* execveat */
	case ON_ARM64(281):
		path = call.arguments[1];
		break;
	default:
		return 0;
	}
	event = begin_event((void *)bpf_get_current_task(), result);
	if (!event)
		return 0;
	bpf_probe_read_user_str(event->arguments, ARGUMENTS, (void *)path);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
