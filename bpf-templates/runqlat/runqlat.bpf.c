// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// How long tasks wait for a CPU after they became runnable, as a histogram of microseconds.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/histogram.h>
#include <hypermesh/parameter.h>
#include <hypermesh/tracepoint.h>

#define SLOTS 27		/* the last one begins at 67 s */
#define TASK_RUNNING 0

struct task_struct {
	unsigned int __state;
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

/* Before 5.14. */
struct task_struct___long_state {
	volatile long state;
} __attribute__((preserve_access_index));

HM_TP_ARG(sched_wakeup, task_struct, 0);
HM_TP_ARG(sched_wakeup_new, task_struct, 0);
HM_TP_ARG(sched_switch, task_struct, 0);
HM_TP_ARG(sched_switch, task_struct, 1);

const volatile __u32 pid HM_PARAMETER(0, 4194304, "Only the threads of this process; 0 for all") = 0;
const volatile __u64 min_us HM_PARAMETER(0, 60000000, "Only waits of at least this many microseconds") = 0;

struct waits {
	__u64 count;
	__u64 total_us;
	__u64 slots[SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct waits);
} latency SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, __u64);
} runnable_since SEC(".maps");

static __always_inline void becomes_runnable(struct task_struct *task)
{
	__u32 thread = task->pid;
	__u64 now = bpf_ktime_get_ns();

	if (thread && (!pid || task->tgid == pid))
		bpf_map_update_elem(&runnable_since, &thread, &now, BPF_ANY);
}

static __always_inline _Bool is_running(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state == TASK_RUNNING;
	return ((struct task_struct___long_state *)task)->state == TASK_RUNNING;
}

SEC("tp_btf/sched_wakeup")
int sched_wakeup(__u64 *ctx)
{
	becomes_runnable(hm_tp_pointer(ctx, sched_wakeup, task_struct, 0));
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int sched_wakeup_new(__u64 *ctx)
{
	becomes_runnable(hm_tp_pointer(ctx, sched_wakeup_new, task_struct, 0));
	return 0;
}

SEC("tp_btf/sched_switch")
int sched_switch(__u64 *ctx)
{
	struct task_struct *previous = hm_tp_pointer(ctx, sched_switch, task_struct, 0);
	struct task_struct *next = hm_tp_pointer(ctx, sched_switch, task_struct, 1);
	__u32 thread = next->pid, zero = 0, slot;
	__u64 *since, us;
	struct waits *waits;

	if (is_running(previous))
		becomes_runnable(previous);
	since = bpf_map_lookup_elem(&runnable_since, &thread);
	if (!since)
		return 0;
	us = (bpf_ktime_get_ns() - *since) / 1000;
	bpf_map_delete_elem(&runnable_since, &thread);
	waits = bpf_map_lookup_elem(&latency, &zero);
	if (!waits || us < min_us)
		return 0;
	slot = hm_exp2_slot(us, SLOTS);
	if (slot < SLOTS)
		waits->slots[slot]++;
	waits->count++;
	waits->total_us += us;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
