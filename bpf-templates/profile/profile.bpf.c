// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Which stacks run on the CPUs, by samples; or how long threads are off the CPU, by the stack that they left it with.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/map.h>
#include <hypermesh/tracepoint.h>

#define DEPTH 127		/* kernel.perf_event_max_stack, unless it was changed */
#define STACKS 16384
#define THREADS 32768

struct sched_entity {
	__u64 sum_exec_runtime;
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
	int tgid;
	struct sched_entity se;
} __attribute__((preserve_access_index));

HM_TP_ARG(sched_switch, task_struct, 0);
HM_TP_ARG(sched_switch, task_struct, 1);

/* Only this process; 0 for all. */
const volatile __u32 process = 0;

/* A stack below 0 is an error's number: EFAULT where there is none, EEXIST where another one has its place. */
struct place {
	__u32 process;
	__s32 kernel_stack;
	__s32 user_stack;
	char command[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, STACKS);
	__type(key, struct place);
	__type(value, __u64);
} amounts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, STACKS);
	__type(key, __u32);
	__type(value, __u64[DEPTH]);
} stacks SEC(".maps");

struct waiting {
	__u64 since_ns;
	__u64 ran_ns;		/* how long the thread had run by then */
	struct place place;
};

/* By thread. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS);
	__type(key, __u32);
	__type(value, struct waiting);
} off_cpu SEC(".maps");

__u64 lost;			/* samples or nanoseconds for which a map had no room */

static __always_inline void add(struct place *place, __u64 amount)
{
	__u64 none = 0, *sum = hm_lookup_or_add(&amounts, place, &none);

	__atomic_fetch_add(sum ? sum : &lost, amount, __ATOMIC_RELAXED);
}

static __always_inline void describe(void *ctx, struct place *place, __u32 tgid)
{
	place->process = tgid;
	bpf_get_current_comm(place->command, sizeof(place->command));
	place->kernel_stack = bpf_get_stackid(ctx, &stacks, 0);
	place->user_stack = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
}

SEC("perf_event")
int on_sample(struct bpf_perf_event_data *ctx)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct place place = {};

	/* The idle task is process 0. */
	if (!tgid || (process && tgid != process))
		return 0;
	describe(ctx, &place, tgid);
	add(&place, 1);
	return 0;
}

/* The current task is still the one that leaves the CPU. */
SEC("tp_btf/sched_switch")
int on_switch(__u64 *ctx)
{
	struct task_struct *prev = hm_tp_pointer(ctx, sched_switch, task_struct, 0);
	struct task_struct *next = hm_tp_pointer(ctx, sched_switch, task_struct, 1);
	__u32 leaving = prev->pid, coming = next->pid;
	__u64 now = bpf_ktime_get_ns(), gone, ran;
	struct waiting *waited, waiting = {};

	waited = bpf_map_lookup_elem(&off_cpu, &coming);
	if (waited) {
		add(&waited->place, now - waited->since_ns);
		bpf_map_delete_elem(&off_cpu, &coming);
	}
	if (!leaving || (process && prev->tgid != process))
		return 0;

	/* The switch to it was not seen, as those away from some tasks are not: it waited for what it has not run since. */
	waited = bpf_map_lookup_elem(&off_cpu, &leaving);
	if (waited) {
		gone = now - waited->since_ns;
		ran = prev->se.sum_exec_runtime - waited->ran_ns;
		add(&waited->place, gone > ran ? gone - ran : 0);
	}
	waiting.since_ns = now;
	waiting.ran_ns = prev->se.sum_exec_runtime;
	describe(ctx, &waiting.place, prev->tgid);
	bpf_map_update_elem(&off_cpu, &leaving, &waiting, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
