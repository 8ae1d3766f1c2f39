// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Executed programs, created and ended processes and threads, how processes ended, how long they lived, their CPU time and peak memory; on request an
// event for each executed program and each process that ended.
//
// All programs run where a task may be preempted, so each counter is increased by an atomic addition.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/histogram.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>

#define SLOTS 48		/* the last one begins at 2^16 s, or at 2^46 bytes */
#define PAGE_COUNTS 4		/* counters of resident pages, by kind */

#define CLONE_THREAD 0x00010000
#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000
#define SIGNAL_GROUP_EXIT 4	/* the whole process is ending */
#define KTHREADD 2		/* the parent of all kernel threads */

typedef struct { int counter; } __attribute__((preserve_access_index)) atomic_t;

struct signal_struct {
	atomic_t live;
	int nr_threads;
	int group_exit_code;
	unsigned int flags;
	unsigned long maxrss;		/* in pages */
	unsigned long long sum_sched_runtime;	/* of threads that were released */
} __attribute__((preserve_access_index));

struct sched_entity {
	__u64 sum_exec_runtime;
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

struct percpu_counter {
	__s64 count;
} __attribute__((preserve_access_index));

/* rss_stat has this form since 6.2. */
struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long hiwater_rss;
	struct percpu_counter rss_stat[PAGE_COUNTS];	/* files, anonymous, swap, shared memory */
} __attribute__((preserve_access_index));

struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	int exit_code;
	__u64 start_boottime;
	char comm[16];
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct signal_struct *signal;
	struct sched_entity se;
	struct mm_struct *mm;
	struct css_set *cgroups;
} __attribute__((preserve_access_index));

struct linux_binprm {
	const char *filename;
} __attribute__((preserve_access_index));

struct trace_event_raw_task_newtask {
	unsigned long clone_flags;
} __attribute__((preserve_access_index));

struct trace_event_raw_sched_process_exec {
	__u32 __data_loc_filename;
} __attribute__((preserve_access_index));

/* Since 6.16. */
struct trace_event_raw_sched_process_exit {
	_Bool group_dead;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

HM_TP_ARG(task_newtask, task_struct, 0);
HM_TP_ARG(sched_process_fork, task_struct, 1);
HM_TP_ARG(sched_process_exec, linux_binprm, 0);
HM_TP_ARG(sched_process_free, task_struct, 0);
HM_TP_ARG_OPTIONAL(sched_process_exit, bool, 0);	/* group_dead, since 6.16 */

/* Whether events are written, and whether those of executed programs have their arguments. */
const volatile _Bool write_events = 0;
const volatile _Bool with_arguments = 0;

/* User space sets it when the monitor's own process, which proves that the hooks work, has ended. */
_Bool events_begun = 0;

/* Whether a process's CPU time is taken when it ends, because sched_process_free is not seen: it then lacks the time since its last threads were last charged. */
const volatile _Bool cpu_time_at_exit = 0;

/* Which hierarchy an event's cgroup is in: that of cpuacct (v1) or the unified one. */
const volatile _Bool cgroup_v1 = 0;

const volatile __u32 page_size = 4096;

/* The first statuses have a counter of their own. The names in C# have the same order. */
enum ending { ENDED_0, ENDED_1, ENDED_126, ENDED_127, ENDED_BY_SIGNAL, ENDED_OTHERWISE, ENDINGS };

struct process_counters {
	__u64 execs;
	__u64 processes;	/* created, kernel threads not included */
	__u64 threads;
	__u64 kernel_threads;
	__u64 exits;		/* of tasks: threads, processes and kernel threads */
	__u64 frees;		/* of tasks */
	__u64 produced;		/* events, counted before room for them was reserved */
	__u64 life_sum_ns;
	__u64 cpu_sum_ns;
	__u64 peak_sum;
	__u64 ended[ENDINGS];
	__u64 life[SLOTS];
	__u64 cpu_time[SLOTS];
	__u64 peak[SLOTS];
};

_Static_assert(sizeof(struct process_counters) % 64 == 0, "CPUs would share a cache line");

/* By CPU. Mapped into the reader's memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);	/* user space sets it to the number of possible CPUs */
	__type(key, __u32);
	__type(value, struct process_counters);
} counters SEC(".maps");

/* Processes whose last two threads may have ended at the same time: only the first one counts. Not used from 6.16 on. */
struct ended_process {
	__u64 tgid;
	__u64 began;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct ended_process);
	__type(value, __u8);
} ended SEC(".maps");

enum event_kind { EVENT_EXEC = 1, EVENT_EXEC_WITH_ARGUMENTS = 2, EVENT_EXIT = 3 };

struct event_process {
	__u64 time_ns;		/* CLOCK_BOOTTIME */
	__u64 cgroup;
	__u32 pid;
	__u32 parent;
	__u32 user;
	__u32 unused;
	char comm[16];
};

struct exec_event {
	struct event_process process;
	char file[256];
};

struct exec_with_arguments_event {
	struct event_process process;
	char file[256];
	__u32 length;		/* of the arguments, each with a zero byte after it */
	__u32 is_cut;		/* there are more */
	char arguments[2048];
};

struct exit_event {
	struct event_process process;
	__u64 life_ns;
	__u64 cpu_ns;
	__u64 peak_bytes;
	__u32 status;
	__u32 unused;
};

struct process_event {
	enum event_kind kind;
	union {
		struct exec_event exec HM_KIND(EVENT_EXEC);
		struct exec_with_arguments_event exec_with_arguments HM_KIND(EVENT_EXEC_WITH_ARGUMENTS);
		struct exit_event exit HM_KIND(EVENT_EXIT);
	};
};

HM_RINGBUF(events, struct process_event, 1024 * 1024);

/* The fill of the ring, in bytes, from which on its reader is woken. */
const volatile __u64 wake_from = 128 * 1024;

/* Events that were read: user space counts them here, where the next process finds them. */
__u64 delivered;

/* Tasks that were ending when count_exiting ran. */
__u64 exiting;

static __always_inline struct process_counters *this_cpu(void)
{
	__u32 number = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &number);
}

static __always_inline void add(__u64 *counter, __u64 value)
{
	__atomic_fetch_add(counter, value, __ATOMIC_RELAXED);
}

/* Adds one to a counter of an array. The verifier has to see that the index which is used, and not a copy of it, is in the array. */
static __always_inline void count_in(__u64 *counters_of, __u32 index, __u32 length)
{
	barrier_var(index);
	if (index < length)
		add(&counters_of[index], 1);
}

static __always_inline __u64 cgroup_of(struct task_struct *task)
{
	struct css_set *groups = BPF_CORE_READ(task, cgroups);
	struct cgroup *group;

	if (cgroup_v1) {
		struct cgroup_subsys_state *state = 0;

		bpf_core_read(&state, sizeof(state), &groups->subsys[bpf_core_enum_value(enum cgroup_subsys_id, cpuacct_cgrp_id)]);
		group = BPF_CORE_READ(state, cgroup);
	} else {
		group = BPF_CORE_READ(groups, dfl_cgrp);
	}
	return BPF_CORE_READ(group, kn, id);
}

static __always_inline void describe(struct event_process *process, struct task_struct *task, struct task_struct *named)
{
	process->time_ns = bpf_ktime_get_boot_ns();
	process->cgroup = cgroup_of(task);
	process->pid = BPF_CORE_READ(task, tgid);
	process->parent = BPF_CORE_READ(task, real_parent, tgid);
	process->user = (__u32)bpf_get_current_uid_gid();
	process->unused = 0;
	BPF_CORE_READ_INTO(&process->comm, named, comm);
}

/* Created tasks. */

static __always_inline int count_new(_Bool kernel_thread, _Bool thread)
{
	struct process_counters *cpu = this_cpu();

	if (cpu)
		add(kernel_thread ? &cpu->kernel_threads : thread ? &cpu->threads : &cpu->processes, 1);
	return 1;
}

static __always_inline int count_new_task(struct task_struct *task)
{
	return count_new(BPF_CORE_READ(task, flags) & PF_KTHREAD, BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid));
}

SEC("tp_btf/task_newtask")
int new_task(__u64 *ctx)
{
	return count_new_task(hm_tp_pointer(ctx, task_newtask, task_struct, 0));
}

/* Does not see the workers of io_uring and vhost, which the kernel makes without a fork. */
SEC("tp_btf/sched_process_fork")
int new_fork(__u64 *ctx)
{
	return count_new_task(hm_tp_pointer(ctx, sched_process_fork, task_struct, 1));
}

/* A classic tracepoint's program returns 1: with 0, the kernel would hide the event from perf. */
SEC("tracepoint/task/task_newtask")
int new_task_classic(struct trace_event_raw_task_newtask *ctx)
{
	return count_new((__u32)bpf_get_current_pid_tgid() == KTHREADD, ctx->clone_flags & CLONE_THREAD);
}

/* Executed programs. */

static __always_inline int count_exec(const void *file)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct process_counters *cpu = this_cpu();
	struct process_event *event;

	if (!cpu)
		return 1;
	add(&cpu->execs, 1);
	if (!write_events || !events_begun)
		return 1;

	add(&cpu->produced, 1);
	if (with_arguments) {
		struct mm_struct *mm = BPF_CORE_READ(task, mm);
		unsigned long from = BPF_CORE_READ(mm, arg_start), length = BPF_CORE_READ(mm, arg_end) - from;
		struct exec_with_arguments_event *exec;

		event = hm_reserve_event(events, exec_with_arguments);
		if (!event)
			return 1;
		event->kind = EVENT_EXEC_WITH_ARGUMENTS;
		exec = &event->exec_with_arguments;
		describe(&exec->process, task, task);
		exec->file[0] = 0;
		bpf_probe_read_kernel_str(exec->file, sizeof(exec->file), file);
		exec->is_cut = length > sizeof(exec->arguments);
		if (length > sizeof(exec->arguments))
			length = sizeof(exec->arguments);
		exec->length = length;
		if (bpf_probe_read_user(exec->arguments, length, (void *)from))
			exec->length = 0;
	} else {
		event = hm_reserve_event(events, exec);
		if (!event)
			return 1;
		event->kind = EVENT_EXEC;
		describe(&event->exec.process, task, task);
		event->exec.file[0] = 0;
		bpf_probe_read_kernel_str(event->exec.file, sizeof(event->exec.file), file);
	}
	hm_submit_lazily(events, event, wake_from);
	return 1;
}

SEC("tp_btf/sched_process_exec")
int process_exec(__u64 *ctx)
{
	return count_exec(BPF_CORE_READ(hm_tp_pointer(ctx, sched_process_exec, linux_binprm, 0), filename));
}

SEC("tracepoint/sched/sched_process_exec")
int process_exec_classic(struct trace_event_raw_sched_process_exec *ctx)
{
	return count_exec((void *)ctx + (ctx->__data_loc_filename & 0xffff));
}

/* Ended tasks. */

static __always_inline enum ending ending_of(__u32 status)
{
	if (status & 0x7f)
		return ENDED_BY_SIGNAL;
	switch (status >> 8 & 0xff) {
	case 0: return ENDED_0;
	case 1: return ENDED_1;
	case 126: return ENDED_126;
	case 127: return ENDED_127;
	default: return ENDED_OTHERWISE;
	}
}

/*
 * The peak of resident memory. The kernel keeps that of all programs the process has executed, and of the copy of its parent that it was before
 * (the figure of getrusage). Where the last program's own memory still exists at the event (since 6.16), its own peak limits that.
 */
static __always_inline __u64 peak_of(struct task_struct *task, struct signal_struct *signal)
{
	__u64 pages = BPF_CORE_READ(signal, maxrss);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);

	if (mm && bpf_core_field_exists(mm->rss_stat[PAGE_COUNTS - 1].count)) {
		__s64 files = BPF_CORE_READ(mm, rss_stat[0].count), anonymous = BPF_CORE_READ(mm, rss_stat[1].count), shared = BPF_CORE_READ(mm, rss_stat[3].count);
		__u64 now = (files > 0 ? files : 0) + (anonymous > 0 ? anonymous : 0) + (shared > 0 ? shared : 0);
		__u64 own = BPF_CORE_READ(mm, hiwater_rss);

		if (own < now)
			own = now;
		if (own < pages)
			pages = own;
	}
	return pages * page_size;
}

/* The CPU time of a process: of threads that were released, and of the leader and the last thread, which may not have been. */
static __always_inline __u64 cpu_time_of(struct task_struct *task, struct task_struct *leader, struct signal_struct *signal)
{
	__u64 sum = BPF_CORE_READ(signal, sum_sched_runtime) + BPF_CORE_READ(task, se.sum_exec_runtime);

	return task == leader ? sum : sum + BPF_CORE_READ(leader, se.sum_exec_runtime);
}

static __always_inline void count_cpu_time(struct process_counters *cpu, __u64 ns)
{
	count_in(cpu->cpu_time, hm_seconds_slot(ns, SLOTS), SLOTS);
	add(&cpu->cpu_sum_ns, ns);
}

static __always_inline _Bool is_first_end(struct task_struct *leader, struct signal_struct *signal)
{
	struct ended_process process = { .tgid = BPF_CORE_READ(leader, tgid), .began = BPF_CORE_READ(leader, start_boottime) };
	__u8 one = 1;

	return BPF_CORE_READ(signal, nr_threads) == 1 || !bpf_map_update_elem(&ended, &process, &one, BPF_NOEXIST);
}

static __always_inline int count_exit(_Bool knows_last, _Bool is_last)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct process_counters *cpu = this_cpu();
	struct process_event *event;
	__u64 life, peak, cpu_time;
	__u32 status;

	if (!cpu)
		return 1;
	add(&cpu->exits, 1);
	if (!knows_last)
		is_last = !BPF_CORE_READ(signal, live.counter) && is_first_end(leader, signal);
	if (!is_last || BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return 1;

	status = BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT ? BPF_CORE_READ(signal, group_exit_code) : BPF_CORE_READ(leader, exit_code);
	life = bpf_ktime_get_boot_ns() - BPF_CORE_READ(leader, start_boottime);
	peak = peak_of(task, signal);
	count_in(cpu->ended, ending_of(status), ENDINGS);
	count_in(cpu->life, hm_seconds_slot(life, SLOTS), SLOTS);
	add(&cpu->life_sum_ns, life);
	count_in(cpu->peak, hm_size_slot(peak, SLOTS), SLOTS);
	add(&cpu->peak_sum, peak);
	if (!write_events && !cpu_time_at_exit)
		return 1;

	cpu_time = cpu_time_of(task, leader, signal);
	if (cpu_time_at_exit)
		count_cpu_time(cpu, cpu_time);
	if (!write_events || !events_begun)
		return 1;

	add(&cpu->produced, 1);
	event = hm_reserve_event(events, exit);
	if (!event)
		return 1;
	event->kind = EVENT_EXIT;
	describe(&event->exit.process, task, leader);
	event->exit.life_ns = life;
	event->exit.cpu_ns = cpu_time;
	event->exit.peak_bytes = peak;
	event->exit.status = status;
	event->exit.unused = 0;
	hm_submit_lazily(events, event, wake_from);
	return 1;
}

SEC("tp_btf/sched_process_exit")
int process_exit(__u64 *ctx)
{
	return count_exit(hm_tp_has(sched_process_exit, bool, 0), (_Bool)hm_tp_optional(ctx, sched_process_exit, bool, 0));
}

SEC("tracepoint/sched/sched_process_exit")
int process_exit_classic(struct trace_event_raw_sched_process_exit *ctx)
{
	_Bool knows = bpf_core_field_exists(ctx->group_dead);

	return count_exit(knows, knows ? ctx->group_dead : 0);
}

/* The kernel has added up the time of all threads when the leader, the last of them, is released. */
SEC("tp_btf/sched_process_free")
int process_free(__u64 *ctx)
{
	struct task_struct *task = hm_tp_pointer(ctx, sched_process_free, task_struct, 0);
	struct process_counters *cpu = this_cpu();

	if (!cpu)
		return 0;
	add(&cpu->frees, 1);
	if (BPF_CORE_READ(task, pid) == BPF_CORE_READ(task, tgid) && !(BPF_CORE_READ(task, flags) & PF_KTHREAD))
		count_cpu_time(cpu, BPF_CORE_READ(task, signal, sum_sched_runtime));
	return 0;
}

/* Run once at start: tasks that have ended and are not released yet will be released, and no end of theirs is counted. */
SEC("iter/task")
int count_exiting(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && task->flags & PF_EXITING)
		exiting++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
