// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Context switches, run-queue latency, the time tasks ran, migrations and interrupts, per CPU; on request per cgroup.
//
// Each switch that the program sees adds one to `voluntary` or `involuntary`, and, if it is to a task other than the idle
// one, one to `latency_count` or to `missed`. Only the switch program writes these, with interrupts off and on its own
// CPU: the totals are exact.
//
// A kernel may run no program while a certain task is current. The run queue counts its switches (`nr_switches`; their
// sum is `ctxt` of /proc/stat), so `sequence` shows how many the program did not see. It only shows that switches
// are missing, and is never added to those seen.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/histogram.h>
#include <hypermesh/map.h>
#include <hypermesh/tracepoint.h>

#define SLOTS 40		/* the last one begins at 2^8 s */
#define VECTORS 10		/* of soft interrupts */
#define PLACE_BITS 16
#define PLACES (1 << PLACE_BITS)
#define VALUE_BITS 58		/* nine years of nanoseconds */
#define VALUE_MASK ((1ULL << VALUE_BITS) - 1)
#define TASK_RUNNING 0
#define TASK_DEAD 0x80

struct rq {
	int cpu;
	__u64 nr_switches;
} __attribute__((preserve_access_index));

struct cfs_rq {
	struct rq *rq;		/* where the kernel has CONFIG_FAIR_GROUP_SCHED */
} __attribute__((preserve_access_index));

struct sched_entity {
	__u64 sum_exec_runtime;
	struct cfs_rq *cfs_rq;
} __attribute__((preserve_access_index));

struct kernfs_node {
	__u64 id;
} __attribute__((preserve_access_index));

struct cgroup {
	struct kernfs_node *kn;
} __attribute__((preserve_access_index));

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} __attribute__((preserve_access_index));

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
} __attribute__((preserve_access_index));

enum cgroup_subsys_id {
	cpuacct_cgrp_id = 1,
};

struct task_struct {
	unsigned int __state;
	unsigned int on_cpu;	/* an int, a byte on 7.2: unsigned, so that the loader may narrow the read */
	int pid;
	unsigned long nvcsw;
	unsigned long nivcsw;
	struct sched_entity se;
	struct css_set *cgroups;
} __attribute__((preserve_access_index));

/* Before 5.14. */
struct task_struct___long_state {
	volatile long state;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

HM_TP_ARG(sched_wakeup, task_struct, 0);
HM_TP_ARG(sched_wakeup_new, task_struct, 0);
HM_TP_ARG(sched_switch, bool, 0);
HM_TP_ARG(sched_switch, task_struct, 0);
HM_TP_ARG(sched_switch, task_struct, 1);
HM_TP_ARG(sched_migrate_task, task_struct, 0);
HM_TP_ARG(softirq_exit, unsigned_int, 0);

/* Whether `cgroups` is filled, and by which hierarchy: that of cpuacct (v1) or the unified one. */
const volatile _Bool by_cgroup = 0;
const volatile _Bool cgroup_v1 = 0;

/*
 * What is known of a task, at the place that the lower bits of its thread ID give: an array is found several times faster than a hash or task storage. The
 * upper bits (an ID has 22) are in each word, with the value, so that a word is one task's whatever another CPU writes at the same time. A task takes a word
 * over from another one whose ID gives the same place: that one's wait is then counted as missed, and the time of its runs that no program saw is not known.
 * Among thousands of threads, few of which wait at the same time, that is rare. A thread that calls execve gets the ID of its process, and with that another
 * place: the time of the run in which it does is not known.
 */
struct place {
	__u64 since_ns;		/* when the task began to wait for a CPU, CLOCK_MONOTONIC */
	__u64 run;		/* word: the run it waits for; the time is stale after the end of that run */
	__u64 counted;		/* word: its sum_exec_runtime that is in the figures, plus 1; 0: not known */
	__u64 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PLACES);
	__type(key, __u32);
	__type(value, struct place);
} places SEC(".maps");

/*
 * The counters of one CPU. A reader copies them while programs run. A switch stores `sequence` before everything else and
 * `counted` after everything else (store-release); the reader loads `counted` before everything else (load-acquire) and
 * `sequence` after everything else. If both are equal, no switch was being counted meanwhile: the copy is whole.
 * The size is a multiple of a cache line, so that CPUs do not share one.
 */
struct cpu_counters {
	__u64 counted;
	__u64 voluntary;	/* switches counted in the task's nvcsw: it blocked */
	__u64 involuntary;	/* switches counted in the task's nivcsw: it was preempted, or yielded */
	__u64 missed;		/* a task whose wake time is not known began to run */
	__u64 latency_count;
	__u64 latency_sum_ns;
	__u64 latency[SLOTS];	/* powers of two of binary seconds between runnable and running */
	__u64 sequence;		/* the kernel's count at the last switch that was seen; 0: none yet */
	__u64 running;		/* thread ID (upper half) and nvcsw (lower half) of the running task, at its start */
	__u64 run_time_ns;	/* that tasks ran, from their sum_exec_runtime, up to the last switch */
	__u64 running_from_ns;	/* sum_exec_runtime of the running task at its start */
	__u64 wakeups;		/* these count calls of the programs: they show that a hook fires */
	__u64 new_wakeups;
	__u64 migrations;	/* away from this CPU */
	__u64 irqs;
	__u64 irq_ns;
	__u64 irq_since;
	__u64 softirq_since;
	__u64 softirqs[VECTORS];
	__u64 softirq_ns[VECTORS];
	__u64 unused[3];
};

_Static_assert(sizeof(struct cpu_counters) % 64 == 0, "CPUs would share a cache line");

/* By CPU. Mapped into the reader's memory, because a copy by a system call has no defined order. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);	/* user space sets it to the number of possible CPUs */
	__type(key, __u32);
	__type(value, struct cpu_counters);
} counters SEC(".maps");

/* By CPU: what read_sequences last read. */
struct cpu_state {
	__u64 sequence;		/* the kernel's count of the CPU's switches, seen or not */
	__u64 counted;		/* the last switch that was seen before the running task was read */
	__u64 partial_ns;	/* how long the running task had run then */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);	/* user space sets it to the number of possible CPUs */
	__type(key, __u32);
	__type(value, struct cpu_state);
} sequences SEC(".maps");

struct cgroup_counters {
	__u64 switches;
	__u64 run_time_ns;
	__u64 wait_ns;
};

/*
 * By the inode number of the cgroup's folder; 0 for all cgroups for which there is no room, an entry that user space makes. Preallocated, because entries are
 * created with the run queue locked, where memory may not be had.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);	/* user space sets it by the number of possible CPUs */
	__type(key, __u64);
	__type(value, struct cgroup_counters);
} cgroups SEC(".maps");

static __always_inline unsigned long state_of(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state;
	return ((struct task_struct___long_state *)task)->state;
}

/* The place of a task, which may still be another one's. Neighbours in number are far apart, so that CPUs do not share a cache line. */
static __always_inline struct place *place_of(struct task_struct *task)
{
	__u32 place = (__u32)task->pid * 40503 & (PLACES - 1);

	return bpf_map_lookup_elem(&places, &place);
}

static __always_inline __u64 word_of(struct task_struct *task, __u64 value)
{
	return (__u64)((__u32)task->pid >> PLACE_BITS) << VALUE_BITS | (value & VALUE_MASK);
}

/* The value in a word; 0 in another task's. */
static __always_inline __u64 value_in(__u64 word, struct task_struct *task)
{
	return word >> VALUE_BITS == (__u32)task->pid >> PLACE_BITS ? word & VALUE_MASK : 0;
}

/* The number, from 1, of the run that a task is in or waits for: each run ends with one switch, which the kernel counts. */
static __always_inline __u64 run_of(struct task_struct *task)
{
	return task->nvcsw + task->nivcsw + 1;
}

/* From now on the task is on a run queue and not on a CPU. */
static __always_inline void begin_waiting(struct task_struct *task, struct place *place, __u64 now)
{
	__u64 run = word_of(task, run_of(task));

	/* A wake-up of a task that already waits does not begin a new wait. */
	if (place->run != run) {
		place->since_ns = now;
		place->run = run;
	}
}

static __always_inline struct cpu_counters *this_cpu(void)
{
	__u32 number = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &number);
}

SEC("tp_btf/sched_wakeup")
int sched_wakeup(__u64 *ctx)
{
	struct task_struct *task = hm_tp_pointer(ctx, sched_wakeup, task_struct, 0);
	struct place *place = place_of(task);
	struct cpu_counters *cpu = this_cpu();

	if (!cpu || !place)
		return 0;
	cpu->wakeups++;
	/* A task that is still running was woken before it slept: it does not wait. */
	if (!bpf_core_field_exists(task->on_cpu) || !task->on_cpu)
		begin_waiting(task, place, bpf_ktime_get_ns());
	return 0;
}

/* A new task has not run yet, whatever is known of an earlier one with its thread ID. */
SEC("tp_btf/sched_wakeup_new")
int sched_wakeup_new(__u64 *ctx)
{
	struct task_struct *task = hm_tp_pointer(ctx, sched_wakeup_new, task_struct, 0);
	struct place *place = place_of(task);
	struct cpu_counters *cpu = this_cpu();

	if (!cpu || !place)
		return 0;
	cpu->new_wakeups++;
	place->since_ns = bpf_ktime_get_ns();
	place->run = word_of(task, run_of(task));
	place->counted = word_of(task, 1);
	return 0;
}

/* The kernel's count of switches on the task's CPU; 0 where it cannot be reached. */
static __always_inline __u64 number_of(struct task_struct *task)
{
	return bpf_core_field_exists(struct cfs_rq, rq) ? task->se.cfs_rq->rq->nr_switches : 0;
}

/*
 * Stores a value so that no other CPU sees it before what was stored earlier, nor what is stored later before it. A
 * processor that keeps stores in order (x86) needs nothing but a compiler that does too; elsewhere an exchange is a full
 * barrier (5.12). An instruction for a store-release alone came with 6.15.
 */
static __always_inline void store_in_order(__u64 *place, __u64 value, _Bool exchange)
{
	if (exchange) {
		__sync_lock_test_and_set(place, value);
		return;
	}
	barrier();
	*(volatile __u64 *)place = value;
	barrier();
}

static __always_inline __u64 identity(struct task_struct *task)
{
	return (__u64)(__u32)task->pid << 32 | (__u32)task->nvcsw;
}

/*
 * The kernel has just counted this switch in prev's nvcsw or nivcsw. It is voluntary if nvcsw has grown since prev
 * began to run. (The state in the tracepoint's arguments is not sufficient: a task that meant to block with a signal
 * pending is counted as voluntary and shown, from 6.16 on, as running.) State judges only where prev's beginning was
 * not seen.
 */
static __always_inline _Bool is_voluntary(struct cpu_counters *cpu, struct task_struct *prev, _Bool runnable)
{
	__u64 grown = identity(prev) - cpu->running;

	return grown <= 1 ? grown : !runnable;
}

static __always_inline __u64 cgroup_of(struct task_struct *task)
{
	struct cgroup *group = cgroup_v1
		? task->cgroups->subsys[bpf_core_enum_value(enum cgroup_subsys_id, cpuacct_cgrp_id)]->cgroup
		: task->cgroups->dfl_cgrp;

	return group->kn->id;
}

static __always_inline struct cgroup_counters *find_cgroup(struct task_struct *task)
{
	struct cgroup_counters none = {};
	__u64 id = cgroup_of(task);
	struct cgroup_counters *found = hm_lookup_or_add(&cgroups, &id, &none);

	if (found)
		return found;
	id = 0;
	return bpf_map_lookup_elem(&cgroups, &id);
}

/* The time that a task has run and that is not in the figures yet. A run whose end no program saw is in it. */
static __always_inline __u64 not_counted(struct cpu_counters *cpu, struct task_struct *task, struct place *place)
{
	__u64 until = task->se.sum_exec_runtime, counted = value_in(place->counted, task);
	__u64 from = counted ? counted - 1
		: cpu->running >> 32 == (__u32)task->pid ? cpu->running_from_ns : until;

	return until > from ? until - from : 0;
}

/* Adds the run of prev that ends, from the clock that the kernel charges cgroups by. */
static __always_inline void count_run(struct cpu_counters *cpu, struct task_struct *prev, struct place *place)
{
	__u64 ran = not_counted(cpu, prev, place);

	place->counted = word_of(prev, prev->se.sum_exec_runtime + 1);
	cpu->run_time_ns += ran;
	if (by_cgroup) {
		struct cgroup_counters *group = find_cgroup(prev);

		if (group) {
			group->switches++;
			group->run_time_ns += ran;
		}
	}
}

static __always_inline void count_wait(struct cpu_counters *cpu, struct task_struct *next, struct place *place, __u64 now)
{
	__u64 waited;

	if (value_in(place->run, next) != run_of(next)) {
		cpu->missed++;
		return;
	}
	if (!now)
		now = bpf_ktime_get_ns();
	waited = now > place->since_ns ? now - place->since_ns : 0;
	cpu->latency_count++;
	cpu->latency_sum_ns += waited;
	cpu->latency[hm_seconds_slot(waited, SLOTS)]++;
	if (by_cgroup) {
		struct cgroup_counters *group = find_cgroup(next);

		if (group)
			group->wait_ns += waited;
	}
}

static __always_inline int count_switch(__u64 *ctx, _Bool exchange)
{
	_Bool preempt = hm_tp_value(ctx, sched_switch, bool, 0);
	struct task_struct *prev = hm_tp_pointer(ctx, sched_switch, task_struct, 0);
	struct task_struct *next = hm_tp_pointer(ctx, sched_switch, task_struct, 1);
	unsigned long state = state_of(prev);
	_Bool runnable = preempt || state == TASK_RUNNING;
	__u64 now = 0, sequence = number_of(next);
	struct cpu_counters *cpu = this_cpu();
	struct place *place;

	if (!cpu)
		return 0;
	if (!sequence)
		sequence = cpu->sequence + 1;
	store_in_order(&cpu->sequence, sequence, exchange);

	if (is_voluntary(cpu, prev, runnable))
		cpu->voluntary++;
	else
		cpu->involuntary++;

	/* The idle task never waits, and its time is not charged. */
	place = prev->pid ? place_of(prev) : NULL;
	if (place) {
		count_run(cpu, prev, place);
		if (runnable) {
			now = bpf_ktime_get_ns();
			begin_waiting(prev, place, now);
		} else if (state == TASK_DEAD) {
			place->counted = 0;
		}
	}
	cpu->running = identity(next);
	cpu->running_from_ns = next->se.sum_exec_runtime;
	place = next->pid ? place_of(next) : NULL;
	if (place)
		count_wait(cpu, next, place, now);

	store_in_order(&cpu->counted, sequence, exchange);
	return 0;
}

/* User space loads one of these two: the first on processors that keep stores in order. */
SEC("tp_btf/sched_switch")
int sched_switch(__u64 *ctx)
{
	return count_switch(ctx, 0);
}

SEC("tp_btf/sched_switch")
int sched_switch_ordered(__u64 *ctx)
{
	return count_switch(ctx, 1);
}

/* Run once at start, when the others are attached: from here on the time of all tasks is in the figures, also that of a run which has begun before. */
SEC("iter/task")
int seed_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct place *place;

	if (!task || !task->pid)
		return 0;
	place = place_of(task);
	if (!place)
		return 0;
	if (!value_in(place->counted, task))
		place->counted = word_of(task, task->se.sum_exec_runtime + 1);
	return 0;
}

/*
 * Run at each reading, for the time of the tasks that are running and for the last switches of a CPU, which the programs may
 * not have seen. Each CPU has tasks of its own, so every run queue is visited.
 */
SEC("iter/task")
int read_sequences(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct cpu_counters *seen;
	struct cpu_state *state;
	struct place *place;
	struct rq *rq;
	__u32 cpu;

	if (!task || !bpf_core_field_exists(struct cfs_rq, rq))
		return 0;
	/* Read once: the task may move meanwhile, and its next run queue has another CPU's switches. */
	rq = task->se.cfs_rq->rq;
	cpu = rq->cpu;
	state = bpf_map_lookup_elem(&sequences, &cpu);
	seen = bpf_map_lookup_elem(&counters, &cpu);
	place = place_of(task);
	if (!state || !seen || !place)
		return 0;
	state->sequence = rq->nr_switches;
	if (seen->running == identity(task)) {
		state->counted = seen->counted;
		state->partial_ns = not_counted(seen, task, place);
	}
	return 0;
}

SEC("tp_btf/sched_migrate_task")
int sched_migrate_task(__u64 *ctx)
{
	struct task_struct *task = hm_tp_pointer(ctx, sched_migrate_task, task_struct, 0);
	__u32 from = task->se.cfs_rq->rq->cpu;
	struct cpu_counters *cpu = bpf_map_lookup_elem(&counters, &from);

	/* Any CPU may move the task. */
	if (cpu)
		__atomic_fetch_add(&cpu->migrations, 1, __ATOMIC_RELAXED);
	return 0;
}

SEC("tp_btf/softirq_entry")
int softirq_entry(__u64 *ctx)
{
	struct cpu_counters *cpu = this_cpu();

	if (cpu)
		cpu->softirq_since = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/softirq_exit")
int softirq_exit(__u64 *ctx)
{
	__u64 vector = (__u32)hm_tp_value(ctx, softirq_exit, unsigned_int, 0);
	struct cpu_counters *cpu = this_cpu();

	if (!cpu)
		return 0;
	/* The verifier has to see that the number which is used, and not a copy of it, is in the arrays. */
	barrier_var(vector);
	if (vector >= VECTORS)
		return 0;
	cpu->softirqs[vector]++;
	if (cpu->softirq_since) {
		cpu->softirq_ns[vector] += bpf_ktime_get_ns() - cpu->softirq_since;
		cpu->softirq_since = 0;
	}
	return 0;
}

SEC("tp_btf/irq_handler_entry")
int irq_handler_entry(__u64 *ctx)
{
	struct cpu_counters *cpu = this_cpu();

	if (cpu)
		cpu->irq_since = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int irq_handler_exit(__u64 *ctx)
{
	struct cpu_counters *cpu = this_cpu();

	if (!cpu)
		return 0;
	cpu->irqs++;
	if (cpu->irq_since) {
		cpu->irq_ns += bpf_ktime_get_ns() - cpu->irq_since;
		cpu->irq_since = 0;
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
