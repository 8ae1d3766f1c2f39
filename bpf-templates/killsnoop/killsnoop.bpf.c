// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Signals that are sent with kill: an event for each system call, with its result.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/parameter.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>
#include "../syscalls.h"

HM_TP_ARG(sys_exit, pt_regs, 0);
HM_TP_ARG(sys_exit, long_int, 0);

const volatile __u32 pid HM_PARAMETER(0, 4194304, "Only what this process sends; 0 for all") = 0;
const volatile __u32 signal HM_PARAMETER(0, 64, "Only this signal; 0 for all") = 0;
const volatile _Bool failed HM_PARAMETER(0, 1, "Only signals that could not be sent") = 0;

struct sent {
	__u32 pid;
	__s32 target;		/* a process; a process group below 0 */
	__s32 signal;
	__s32 result;		/* 0, or an error's number below 0 */
	char comm[16];
};

HM_RINGBUF(events, struct sent, 256 * 1024);

SEC("tp_btf/sys_exit")
int sys_exit(__u64 *ctx)
{
	long result = hm_tp_value(ctx, sys_exit, long_int, 0);
	struct sent *event;
	struct call call;

	if (pid && bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	if (!read_call(hm_tp_pointer(ctx, sys_exit, pt_regs, 0), &call))
		return 0;
	if (call.number != 62 && call.number != ON_ARM64(129))
		return 0;
	if ((signal && call.arguments[1] != signal) || (failed && result >= 0))
		return 0;
	event = hm_reserve(events);
	if (!event)
		return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->target = (__s32)call.arguments[0];
	event->signal = (__s32)call.arguments[1];
	event->result = (__s32)result;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
