// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Context switches and run-queue latency, per CPU.
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
#include <hypermesh/optional.h>
#include <hypermesh/tracepoint.h>

#define SLOTS 40		/* the last one begins at 2^39 ns, nine minutes */
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
	struct cfs_rq *cfs_rq;
} __attribute__((preserve_access_index));

struct task_struct {
	unsigned int __state;
	unsigned int on_cpu;	/* an int, a byte on 7.2: unsigned, so that the loader may narrow the read */
	int pid;
	unsigned long nvcsw;
	unsigned long nivcsw;
	struct sched_entity se;
} __attribute__((preserve_access_index));

/* Before 5.14. */
struct task_struct___long_state {
	volatile long state;
} __attribute__((preserve_access_index));

/* From 6.4 on: the storage's memory comes from the BPF allocator. */
struct bpf_local_storage_map___mem_alloc {
	_Bool bpf_ma;
} __attribute__((preserve_access_index));

/* The successor of that flag, which takes no lock either. */
struct bpf_local_storage_map___nolock {
	_Bool use_kmalloc_nolock;
} __attribute__((preserve_access_index));

/* Between the two versions. On 7.2 this is the only way and needs no flag. */
struct bpf_local_storage___always {
	__u32 mem_charge;
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
HM_TP_ARG(task_newtask, task_struct, 0);

/* True when the wake time is in `wake_storage` (5.12, for tracing programs), false when it is in `wake_hash`. Only that one of the two maps exists. */
const volatile _Bool use_task_storage = 1;

HM_OPTIONAL(BPF_MAP_TYPE_TASK_STORAGE);
HM_OPTIONAL(BPF_FUNC_task_storage_get);

/* The time at which a task began to wait for a CPU. */
struct wake {
	__u64 since_ns;		/* CLOCK_MONOTONIC */
	__u64 run;		/* the run it waits for; the time is stale after the end of that run */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct wake);
} wake_storage SEC(".maps");

/* By thread ID. Preallocated, because entries are created with the run queue locked. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct wake);
} wake_hash SEC(".maps");

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
	__u64 latency[SLOTS];	/* powers of two of nanoseconds between runnable and running */
	__u64 sequence;		/* the kernel's count at the last switch that was seen; 0: none yet */
	__u64 running;		/* thread ID (upper half) and nvcsw (lower half) of the running task, at its start */
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

/* By CPU: the kernel's count of its switches, seen or not, when read_sequences last ran. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);	/* user space sets it to the number of possible CPUs */
	__type(key, __u32);
	__type(value, __u64);
} sequences SEC(".maps");

/*
 * Making a task's storage allocates memory. Until 6.4 that takes locks that must not nest inside the scheduler's,
 * so there it is created only for a new task and by the iterator.
 */
static __always_inline __u64 create_under_lock(void)
{
	return bpf_core_field_exists(struct bpf_local_storage_map___mem_alloc, bpf_ma) ||
	       bpf_core_field_exists(struct bpf_local_storage_map___nolock, use_kmalloc_nolock) ||
	       bpf_core_field_exists(struct bpf_local_storage___always, mem_charge)
		? BPF_LOCAL_STORAGE_GET_F_CREATE : 0;
}

static __always_inline unsigned long state_of(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state;
	return ((struct task_struct___long_state *)task)->state;
}

static __always_inline struct wake *find_wake(struct task_struct *task, __u64 flags)
{
	__u32 tid;

	if (use_task_storage)
		return bpf_task_storage_get(&wake_storage, task, 0, flags);

	tid = task->pid;
	return bpf_map_lookup_elem(&wake_hash, &tid);
}

/* The number, from 1, of the run that a task is in or waits for: each run ends with one switch, which the kernel counts. */
static __always_inline __u64 run_of(struct task_struct *task)
{
	return task->nvcsw + task->nivcsw + 1;
}

/* From now on the task is on a run queue and not on a CPU. */
static __always_inline void begin_waiting(struct task_struct *task, __u64 now)
{
	struct wake first = { .since_ns = now, .run = run_of(task) };
	struct wake *wake = find_wake(task, create_under_lock());

	if (wake) {
		/* A wake-up of a task that already waits does not begin a new wait. */
		if (wake->run != first.run)
			*wake = first;
	} else if (!use_task_storage) {
		__u32 tid = task->pid;

		bpf_map_update_elem(&wake_hash, &tid, &first, BPF_ANY);
	}
}

static __always_inline int woken(struct task_struct *task)
{
	/* A task that is still running was woken before it slept: it does not wait. */
	if (bpf_core_field_exists(task->on_cpu) && task->on_cpu)
		return 0;

	begin_waiting(task, bpf_ktime_get_ns());
	return 0;
}

SEC("tp_btf/sched_wakeup")
int sched_wakeup(__u64 *ctx)
{
	return woken(hm_tp_pointer(ctx, sched_wakeup, task_struct, 0));
}

SEC("tp_btf/sched_wakeup_new")
int sched_wakeup_new(__u64 *ctx)
{
	return woken(hm_tp_pointer(ctx, sched_wakeup_new, task_struct, 0));
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

/* The idle task never waits. */
static __always_inline void count_wait(struct cpu_counters *cpu, struct task_struct *next, __u64 now)
{
	struct wake *wake;
	__u64 waited;

	if (!next->pid)
		return;
	wake = find_wake(next, 0);
	if (!wake || wake->run != run_of(next)) {
		cpu->missed++;
		return;
	}
	if (!now)
		now = bpf_ktime_get_ns();
	waited = now > wake->since_ns ? now - wake->since_ns : 0;
	cpu->latency_count++;
	cpu->latency_sum_ns += waited;
	cpu->latency[hm_exp2_slot(waited, SLOTS)]++;
}

static __always_inline int count_switch(__u64 *ctx, _Bool exchange)
{
	_Bool preempt = hm_tp_value(ctx, sched_switch, bool, 0);
	struct task_struct *prev = hm_tp_pointer(ctx, sched_switch, task_struct, 0);
	struct task_struct *next = hm_tp_pointer(ctx, sched_switch, task_struct, 1);
	unsigned long state = state_of(prev);
	_Bool runnable = preempt || state == TASK_RUNNING;
	__u64 now = 0, sequence = number_of(next);
	struct cpu_counters *cpu;
	__u32 number = bpf_get_smp_processor_id();

	cpu = bpf_map_lookup_elem(&counters, &number);
	if (!cpu)
		return 0;
	if (!sequence)
		sequence = cpu->sequence + 1;
	store_in_order(&cpu->sequence, sequence, exchange);

	if (is_voluntary(cpu, prev, runnable))
		cpu->voluntary++;
	else
		cpu->involuntary++;
	cpu->running = identity(next);

	if (runnable && prev->pid) {
		now = bpf_ktime_get_ns();
		begin_waiting(prev, now);
	} else if (!use_task_storage && state == TASK_DEAD) {
		__u32 tid = prev->pid;

		bpf_map_delete_elem(&wake_hash, &tid);
	}
	count_wait(cpu, next, now);

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

/* Creates a new task's storage before it is first woken, with no lock of the scheduler held. */
SEC("tp_btf/task_newtask")
int task_newtask(__u64 *ctx)
{
	if (use_task_storage)
		bpf_task_storage_get(&wake_storage, hm_tp_pointer(ctx, task_newtask, task_struct, 0), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

/* Run once at start, after task_newtask is attached: creates the storage of the existing tasks. */
SEC("iter/task")
int seed_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && use_task_storage)
		bpf_task_storage_get(&wake_storage, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

/*
 * Run at a reading that lacks switches that the kernel has counted: the last ones of a CPU may not have been seen. Each CPU
 * has tasks of its own, so every run queue is visited.
 */
SEC("iter/task")
int read_sequences(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u64 *sequence;
	struct rq *rq;
	__u32 cpu;

	if (!task || !bpf_core_field_exists(struct cfs_rq, rq))
		return 0;
	/* Read once: the task may move meanwhile, and its next run queue has another CPU's switches. */
	rq = task->se.cfs_rq->rq;
	cpu = rq->cpu;
	sequence = bpf_map_lookup_elem(&sequences, &cpu);
	if (sequence)
		*sequence = rq->nr_switches;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
