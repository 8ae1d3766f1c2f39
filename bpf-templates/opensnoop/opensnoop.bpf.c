// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Files that are opened: an event for each system call, with its result.

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
const volatile _Bool failed HM_PARAMETER(0, 1, "Only opens that failed") = 0;

struct opened {
	__u32 pid;
	__u32 user;
	__s32 result;		/* a descriptor, or an error's number below 0 */
	char comm[16];
	char path[PATH];
};

HM_RINGBUF(events, struct opened, 1024 * 1024);

static __always_inline void write_event(long result, const void *path)
{
	struct opened *event;

	if (failed && result >= 0)
		return;
	event = hm_reserve(events);
	if (!event)
		return;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->user = (__u32)bpf_get_current_uid_gid();
	event->result = (__s32)result;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	event->path[0] = 0;
	bpf_probe_read_user_str(event->path, PATH, path);
	bpf_ringbuf_submit(event, 0);
}

/* The arguments are still in the registers; the path is read where the caller keeps it, which it may have changed meanwhile. */
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
	case 2:			/* open */
	case 85:		/* creat */
		write_event(result, (void *)call.arguments[0]);
		break;
	case 257:		/* openat */
	case 437:		/* openat2 */
	case ON_ARM64(56):
	case ON_ARM64(437):
		write_event(result, (void *)call.arguments[1]);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
