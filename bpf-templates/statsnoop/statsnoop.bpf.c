// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Files and file systems whose attributes are asked for by path: an event for each system call, with its result.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/parameter.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>
#include "../syscalls.h"

#define PATH 256

HM_TP_ARG(sys_exit, pt_regs, 0);
HM_TP_ARG(sys_exit, long_int, 0);

const volatile __u32 pid HM_PARAMETER(0, 4194304, "Only this process; 0 for all") = 0;
const volatile _Bool failed HM_PARAMETER(0, 1, "Only calls that failed") = 0;

/* newfstatat is the one that libraries use for stat and lstat; its path is empty for a file that is open. */
enum stat_call { STAT, LSTAT, NEWFSTATAT, STATX, STATFS };

struct asked {
	__u32 pid;
	enum stat_call call;
	__s32 result;		/* 0, or an error's number below 0 */
	char comm[16];
	char path[PATH];
};

HM_RINGBUF(events, struct asked, 1024 * 1024);

static __always_inline void write_event(enum stat_call call, long result, __u64 path)
{
	struct asked *event;

	if (failed && result >= 0)
		return;
	event = hm_reserve(events);
	if (!event)
		return;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->call = call;
	event->result = (__s32)result;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	event->path[0] = 0;
	bpf_probe_read_user_str(event->path, PATH, (void *)path);
	bpf_ringbuf_submit(event, 0);
}

/* The path is read where the caller keeps it, which it may have changed meanwhile. */
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
	case 4:
		write_event(STAT, result, call.arguments[0]);
		break;
	case 6:
		write_event(LSTAT, result, call.arguments[0]);
		break;
	case 262:
	case ON_ARM64(79):
		write_event(NEWFSTATAT, result, call.arguments[1]);
		break;
	case 332:
	case ON_ARM64(291):
		write_event(STATX, result, call.arguments[1]);
		break;
	case 137:
	case ON_ARM64(43):
		write_event(STATFS, result, call.arguments[0]);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
