// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Reports every process that executes a file and every process that ends.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>

#define SIGNAL_GROUP_EXIT 4	/* the whole process is ending */

/* The fields of the kernel's types that are used; the loader finds their offsets in the running kernel. */
typedef struct { int counter; } __attribute__((preserve_access_index)) atomic_t;

struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
} __attribute__((preserve_access_index));

struct task_struct {
	int tgid;
	int exit_code;
	__u64 start_boottime;
	char comm[16];
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct signal_struct *signal;
} __attribute__((preserve_access_index));

struct linux_binprm {
	const char *filename;
} __attribute__((preserve_access_index));

enum event_kind { PROCESS_EXEC = 1, PROCESS_EXIT = 2 };

struct event {
	__u64 run_time_ns;	/* at exit: since the process began */
	__u32 pid;
	__u32 parent;
	enum event_kind kind;
	__u8 exit_code;		/* at exit */
	__u8 signal;		/* at exit: the signal that ended it, or 0 */
	char comm[16];
	char file[128];		/* at exec */
};

/* The end of processes that ran for less is not reported. */
const volatile __u64 min_duration_ns;
/* Only children of this process; 0: all. */
const volatile __u32 only_parent;

HM_RINGBUF(events, struct event, 1024 * 1024);

HM_TP_ARG(sched_process_exec, task_struct, 0);
HM_TP_ARG(sched_process_exec, linux_binprm, 0);
HM_TP_ARG(sched_process_exit, task_struct, 0);
HM_TP_ARG_OPTIONAL(sched_process_exit, bool, 0);	/* group_dead, since 6.16 */

struct process {
	__u64 pid;
	__u64 began;
};

/* Before 6.16: processes that have ended already. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct process);
	__type(value, __u8);
} ended SEC(".maps");

static __always_inline struct event *new_event(struct task_struct *task, enum event_kind kind)
{
	__u32 parent = task->real_parent->tgid;
	struct event *event;

	if (only_parent && parent != only_parent)
		return 0;
	event = hm_reserve(events);
	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->pid = task->tgid;
	event->parent = parent;
	bpf_probe_read_kernel_str(event->comm, sizeof(event->comm), task->group_leader->comm);
	return event;
}

SEC("tp_btf/sched_process_exec")
int sched_exec(__u64 *ctx)
{
	struct task_struct *task = hm_tp_pointer(ctx, sched_process_exec, task_struct, 0);
	struct linux_binprm *binary = hm_tp_pointer(ctx, sched_process_exec, linux_binprm, 0);
	struct event *event = new_event(task, PROCESS_EXEC);

	if (!event)
		return 0;
	bpf_probe_read_kernel_str(event->file, sizeof(event->file), binary->filename);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* The tracepoint fires for each thread; the process ends with its last one. */
static __always_inline _Bool is_last(__u64 *ctx, struct task_struct *task)
{
	struct process process = { .pid = task->tgid, .began = task->group_leader->start_boottime };
	__u8 one = 1;

	if (hm_tp_has(sched_process_exit, bool, 0))
		return hm_tp_optional(ctx, sched_process_exit, bool, 0);
	/* Two threads that end at the same time may both find no other alive: only the first one reports the end. */
	return !task->signal->live.counter && !bpf_map_update_elem(&ended, &process, &one, BPF_NOEXIST);
}

SEC("tp_btf/sched_process_exit")
int sched_exit(__u64 *ctx)
{
	struct task_struct *task = hm_tp_pointer(ctx, sched_process_exit, task_struct, 0);
	struct task_struct *leader = task->group_leader;
	struct signal_struct *signal = task->signal;
	__u64 run_time = bpf_ktime_get_boot_ns() - leader->start_boottime;
	struct event *event;
	int status;

	if (!is_last(ctx, task) || run_time < min_duration_ns)
		return 0;
	event = new_event(task, PROCESS_EXIT);
	if (!event)
		return 0;
	status = signal->flags & SIGNAL_GROUP_EXIT ? signal->group_exit_code : leader->exit_code;
	event->exit_code = status >> 8;
	event->signal = status & 0x7f;
	event->run_time_ns = run_time;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
