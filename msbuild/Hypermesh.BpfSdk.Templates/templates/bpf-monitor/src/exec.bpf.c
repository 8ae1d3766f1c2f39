// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Reports every process that executes a file.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>

/* The fields of the kernel's types that are used; the loader finds their offsets in the running kernel. */
struct task_struct {
	int tgid;
	char comm[16];
	struct task_struct *real_parent;
} __attribute__((preserve_access_index));

/* A process has executed a file. */
struct event {
	__u64 time_ns;		/* since boot */
	__u32 pid;
	__u32 parent;
	char comm[16];		/* the file's name, truncated */
};

/* Only children of this process; 0: all. */
const volatile __u32 only_parent;

HM_RINGBUF(events, struct event, 256 * 1024);

HM_TP_ARG(sched_process_exec, task_struct, 0);

SEC("tp_btf/sched_process_exec")
int on_exec(__u64 *ctx)
{
	struct task_struct *task = hm_tp_pointer(ctx, sched_process_exec, task_struct, 0);
	__u32 parent = task->real_parent->tgid;
	struct event *event;

	if (only_parent && parent != only_parent)
		return 0;
	event = hm_reserve(events);
	if (!event)
		return 0;
	event->time_ns = bpf_ktime_get_boot_ns();
	event->pid = task->tgid;
	event->parent = parent;
	bpf_probe_read_kernel_str(event->comm, sizeof(event->comm), task->comm);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
