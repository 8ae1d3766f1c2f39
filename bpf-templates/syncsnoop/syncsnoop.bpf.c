// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Requests to write data to the disk: an event for each system call that ends, with its result.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/parameter.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>
#include "../syscalls.h"

HM_TP_ARG(sys_exit, pt_regs, 0);
HM_TP_ARG(sys_exit, long_int, 0);

const volatile __u32 pid HM_PARAMETER(0, 4194304, "Only this process; 0 for all") = 0;
const volatile _Bool failed HM_PARAMETER(0, 1, "Only calls that failed") = 0;

enum sync_call { SYNC, SYNCFS, FSYNC, FDATASYNC, SYNC_FILE_RANGE, MSYNC };

struct synced {
	__u32 pid;
	enum sync_call call;
	__s32 descriptor;	/* -1 for calls without one */
	__s32 result;		/* 0, or an error's number below 0 */
	char comm[16];
};

HM_RINGBUF(events, struct synced, 256 * 1024);

static __always_inline void write_event(enum sync_call call, long result, __s32 descriptor)
{
	struct synced *event;

	if (failed && result >= 0)
		return;
	event = hm_reserve(events);
	if (!event)
		return;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->call = call;
	event->descriptor = descriptor;
	event->result = (__s32)result;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
}

SEC("tp_btf/sys_exit")
int sys_exit(__u64 *ctx)
{
	long result = hm_tp_value(ctx, sys_exit, long_int, 0);
	struct call call;

	if (pid && bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	if (!read_call(hm_tp_pointer(ctx, sys_exit, pt_regs, 0), &call))
		return 0;
	switch (call.number) {
	case 162:
	case ON_ARM64(81):
		write_event(SYNC, result, -1);
		break;
	case 306:
	case ON_ARM64(267):
		write_event(SYNCFS, result, (__s32)call.arguments[0]);
		break;
	case 74:
	case ON_ARM64(82):
		write_event(FSYNC, result, (__s32)call.arguments[0]);
		break;
	case 75:
	case ON_ARM64(83):
		write_event(FDATASYNC, result, (__s32)call.arguments[0]);
		break;
	case 277:
	case ON_ARM64(84):
		write_event(SYNC_FILE_RANGE, result, (__s32)call.arguments[0]);
		break;
	case 26:
	case ON_ARM64(227):
		write_event(MSYNC, result, -1);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
