// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Sleeps that programs ask for: an event for each nanosleep and clock_nanosleep as it begins, with the time asked for.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/parameter.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>
#include "../syscalls.h"

#define TIMER_ABSTIME 1
#define SECOND 1000000000ull

struct task_struct {
	struct task_struct *real_parent;
	int tgid;
	char comm[16];
} __attribute__((preserve_access_index));

HM_TP_ARG(sys_enter, pt_regs, 0);

const volatile __u32 pid HM_PARAMETER(0, 4194304, "Only this process; 0 for all") = 0;
const volatile __u64 min_us HM_PARAMETER(0, 3600000000, "Only sleeps of at least this many microseconds") = 1;

struct nap {
	__u32 pid;
	__u32 parent;
	__u64 ns;		/* how long; until which time of its clock, where `until` is set */
	_Bool until;
	char comm[16];
	char parent_comm[16];
};

HM_RINGBUF(events, struct nap, 256 * 1024);

struct time {
	__s64 seconds;
	__s64 nanoseconds;
};

static __always_inline void write_event(__u64 address, _Bool until)
{
	struct task_struct *parent;
	struct nap *event;
	struct time time;
	__u64 ns;

	if (bpf_probe_read_user(&time, sizeof(time), (void *)address))
		return;
	/* The kernel rejects times below 0, and treats greater ones than this as endless. */
	if (time.seconds < 0 || (__u64)time.nanoseconds >= SECOND)
		return;
	ns = (__u64)time.seconds < 9 * SECOND ? time.seconds * SECOND + time.nanoseconds : ~0ull;
	if (!until && ns < min_us * 1000)
		return;
	event = hm_reserve(events);
	if (!event)
		return;
	parent = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), real_parent);
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->parent = BPF_CORE_READ(parent, tgid);
	event->ns = ns;
	event->until = until;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	BPF_CORE_READ_STR_INTO(&event->parent_comm, parent, comm);
	bpf_ringbuf_submit(event, 0);
}

SEC("tp_btf/sys_enter")
int sys_enter(__u64 *ctx)
{
	struct call call;

	if (pid && bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	if (!read_call(hm_tp_pointer(ctx, sys_enter, pt_regs, 0), &call))
		return 0;
	switch (call.number) {
	case 35:		/* nanosleep */
	case ON_ARM64(101):
		write_event(call.arguments[0], 0);
		break;
	case 230:		/* clock_nanosleep */
	case ON_ARM64(115):
		write_event(call.arguments[2], call.arguments[1] & TIMER_ABSTIME);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
