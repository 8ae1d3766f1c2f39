// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Stalls of tasks that had to reclaim memory, page allocations by order, wake-ups of kswapd, and the victims of the OOM killer.
//
// Reclaim may sleep and move to another CPU, so the time at which it began is kept by thread. A task is in one reclaim of a
// kind at a time: the kernel does not reclaim memory for what reclaim itself allocates.
//
// Each event has two programs. The one on the classic tracepoint is for preemptible kernels: there the kernel skips a tp_btf
// program while another task is preempted inside it.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/histogram.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>

#define SLOTS 40		/* the last one begins at 2^8 s */
#define ORDERS 16		/* the last one has all greater orders too */
#define COMM 16

enum reclaim_kind {
	RECLAIM_DIRECT,		/* the machine is short of memory */
	RECLAIM_MEMCG,		/* a cgroup is at its limit */
	RECLAIM_KINDS,
};

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
	memory_cgrp_id = 4,
};

struct percpu_counter {
	__s64 count;
} __attribute__((preserve_access_index));

/* From 6.2 on. */
struct mm_struct {
	struct percpu_counter rss_stat[4];
} __attribute__((preserve_access_index));

struct atomic_long {
	long counter;
};

struct mm_rss_stat {
	struct atomic_long count[4];
} __attribute__((preserve_access_index));

/* Before. */
struct mm_struct___atomic {
	struct mm_rss_stat rss_stat;
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
	int tgid;
	char comm[COMM];
	struct css_set *cgroups;
	struct mm_struct *mm;
} __attribute__((preserve_access_index));

struct trace_event_raw_mm_page_alloc {
	unsigned long pfn;		/* all ones when there was no page */
	unsigned int order;
} __attribute__((preserve_access_index));

struct trace_event_raw_mm_vmscan_direct_reclaim_end_template {
	unsigned long nr_reclaimed;
} __attribute__((preserve_access_index));

struct trace_event_raw_mark_victim {
	int pid;
} __attribute__((preserve_access_index));

/* All are optional, because C# does not load a program whose tracepoint is missing or has other arguments. */
HM_TP_ARG_OPTIONAL(mm_page_alloc, page, 0);
HM_TP_ARG_OPTIONAL(mm_page_alloc, unsigned_int, 0);		/* the order; gfp_flags come later */
HM_TP_ARG_OPTIONAL(mm_vmscan_direct_reclaim_end, long_unsigned_int, 0);
HM_TP_ARG_OPTIONAL(mm_vmscan_memcg_reclaim_end, long_unsigned_int, 0);
HM_TP_ARG_OPTIONAL(mark_victim, task_struct, 0);		/* from 6.10 on, and in stable versions of 6.1 */
HM_TP_ARG_OPTIONAL(mark_victim, int, 0);			/* before: the thread's ID */

/* Whether the memory controller is in a hierarchy of v1. */
const volatile _Bool cgroup_v1 = 0;

/*
 * The counters of one CPU. Each is added to atomically: on some kernels an interrupt may run the same program in between, and
 * a preempted task goes on elsewhere. The size is a multiple of a cache line, so that CPUs do not share one.
 */
struct memory_counters {
	__u64 allocations[ORDERS];	/* by order */
	__u64 begun[RECLAIM_KINDS];
	__u64 ended[RECLAIM_KINDS];
	__u64 untimed[RECLAIM_KINDS];	/* ended, and the beginning is not known */
	__u64 pages[RECLAIM_KINDS];	/* reclaimed */
	__u64 stall_ns[RECLAIM_KINDS];
	__u64 direct[SLOTS];		/* powers of two of binary seconds */
	__u64 memcg[SLOTS];
	__u64 kswapd_wakes;
	__u64 victims;			/* counted before the event is written */
	__u64 unused[4];
};

_Static_assert(sizeof(struct memory_counters) % 64 == 0, "CPUs would share a cache line");

/* By CPU. Mapped into the reader's memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);	/* user space sets it to the number of possible CPUs */
	__type(key, __u32);
	__type(value, struct memory_counters);
} counters SEC(".maps");

/* When reclaim began: by kind (upper half) and thread ID. Preallocated, because memory is short when it is used. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
} stalls SEC(".maps");

struct victim {
	__u64 time_ns;		/* CLOCK_BOOTTIME */
	__u64 cgroup;		/* of the victim; of the task that ran out of memory where the tracepoint names only a thread */
	__u64 anon_pages;
	__u64 file_pages;
	__u64 shmem_pages;
	__u32 pid;		/* process */
	__u32 tid;
	__u8 comm[COMM];
	__u8 is_known;		/* 0: the tracepoint names only the thread: no name and no sizes */
	__u8 unused[7];
};

HM_RINGBUF(victims, struct victim, 64 * 1024);

/* Victims that were read: user space counts them here, where the next process finds them. */
__u64 victims_read;

#define add(counter, value) __atomic_fetch_add(&(counter), (value), __ATOMIC_RELAXED)

static __always_inline struct memory_counters *this_cpu(void)
{
	__u32 number = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &number);
}

static __always_inline __u64 stall_key(enum reclaim_kind kind)
{
	return (__u64)kind << 32 | (__u32)bpf_get_current_pid_tgid();
}

static __always_inline int begin_reclaim(enum reclaim_kind kind)
{
	__u64 key = stall_key(kind), now = bpf_ktime_get_ns();
	struct memory_counters *cpu = this_cpu();

	if (!cpu)
		return 0;
	add(cpu->begun[kind], 1);
	bpf_map_update_elem(&stalls, &key, &now, BPF_ANY);
	return 0;
}

static __always_inline int end_reclaim(enum reclaim_kind kind, __u64 pages)
{
	__u64 key = stall_key(kind), now = bpf_ktime_get_ns(), stalled;
	__u64 *since = bpf_map_lookup_elem(&stalls, &key);
	struct memory_counters *cpu = this_cpu();

	if (!cpu)
		return 0;
	add(cpu->ended[kind], 1);
	add(cpu->pages[kind], pages);
	if (!since) {
		add(cpu->untimed[kind], 1);
		return 0;
	}
	stalled = now - *since;
	bpf_map_delete_elem(&stalls, &key);
	add(cpu->stall_ns[kind], stalled);
	if (kind == RECLAIM_DIRECT)
		add(cpu->direct[hm_seconds_slot(stalled, SLOTS)], 1);
	else
		add(cpu->memcg[hm_seconds_slot(stalled, SLOTS)], 1);
	return 0;
}

static __always_inline int count_allocation(__u32 order)
{
	struct memory_counters *cpu = this_cpu();

	if (cpu)
		add(cpu->allocations[order < ORDERS ? order : ORDERS - 1], 1);
	return 0;
}

static __always_inline int count_kswapd(void)
{
	struct memory_counters *cpu = this_cpu();

	if (cpu)
		add(cpu->kswapd_wakes, 1);
	return 0;
}

static __always_inline __u64 cgroup_of(struct task_struct *task)
{
	if (cgroup_v1) {
		int memory = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
		struct css_set *set = BPF_CORE_READ(task, cgroups);
		struct cgroup_subsys_state *state = 0;

		/* The index is known only at load: an array of pointers, as in the kernel. */
		bpf_probe_read_kernel(&state, sizeof(state), (void *)set + bpf_core_field_offset(struct css_set, subsys) + memory * sizeof(void *));
		return BPF_CORE_READ(state, cgroup, kn, id);
	}
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

static __always_inline __u64 pages_of(struct mm_struct *mm, int kind)
{
	__s64 pages;

	if (bpf_core_field_exists(((struct mm_struct___atomic *)mm)->rss_stat.count)) {
		long old = 0;

		bpf_probe_read_kernel(&old, sizeof(old), (void *)mm + bpf_core_field_offset(struct mm_struct___atomic, rss_stat.count) + kind * sizeof(old));
		pages = old;
	} else {
		__s64 count = 0;

		bpf_probe_read_kernel(&count, sizeof(count), (void *)mm + bpf_core_field_offset(struct mm_struct, rss_stat) + kind * bpf_core_type_size(struct percpu_counter)
			+ bpf_core_field_offset(struct percpu_counter, count));
		pages = count;
	}
	return pages > 0 ? pages : 0;
}

/* The kinds of pages in rss_stat: MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, in all versions. */
static __always_inline int record_victim(struct task_struct *known, __u32 tid)
{
	struct task_struct *task = known ? known : (struct task_struct *)bpf_get_current_task();
	struct memory_counters *cpu = this_cpu();
	struct victim *victim;

	if (!cpu)
		return 0;
	add(cpu->victims, 1);
	victim = hm_reserve(victims);
	if (!victim)
		return 0;
	__builtin_memset(victim, 0, sizeof(*victim));
	victim->time_ns = bpf_ktime_get_boot_ns();
	victim->cgroup = cgroup_of(task);
	if (known) {
		struct mm_struct *mm = BPF_CORE_READ(known, mm);

		victim->is_known = 1;
		victim->tid = BPF_CORE_READ(known, pid);
		victim->pid = BPF_CORE_READ(known, tgid);
		BPF_CORE_READ_INTO(&victim->comm, known, comm);
		if (mm) {
			victim->file_pages = pages_of(mm, 0);
			victim->anon_pages = pages_of(mm, 1);
			victim->shmem_pages = pages_of(mm, 3);
		}
	} else {
		victim->tid = tid;
	}
	bpf_ringbuf_submit(victim, 0);
	return 0;
}

/*
 * The tracepoint also fires when there was no page to hand out. Some kernels take its pointer for one that is never null, and remove the comparison; so the lower half is compared, as
 * a number, and where that is 0, the pointer is read from memory.
 */
static __always_inline _Bool is_null(__u64 pointer, const void *argument)
{
	__u32 low;

	asm volatile("%0 = %1" : "=w"(low) : "w"((__u32)pointer));
	if (low)
		return 0;
	bpf_probe_read_kernel(&pointer, sizeof(pointer), argument);
	return !pointer;
}

/* The page is the first argument of each prototype that C# accepts. */
SEC("tp_btf/mm_page_alloc")
int page_alloc(__u64 *ctx)
{
	if (is_null(hm_tp_optional(ctx, mm_page_alloc, page, 0), ctx))
		return 0;
	return count_allocation(hm_tp_optional(ctx, mm_page_alloc, unsigned_int, 0));
}

/* A classic tracepoint's program returns 1: with 0, the kernel would hide the event from perf. */
SEC("tracepoint/kmem/mm_page_alloc")
int page_alloc_classic(struct trace_event_raw_mm_page_alloc *ctx)
{
	if (ctx->pfn != -1UL)
		count_allocation(ctx->order);
	return 1;
}

SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int direct_begin(__u64 *ctx)
{
	return begin_reclaim(RECLAIM_DIRECT);
}

SEC("tracepoint/vmscan/mm_vmscan_direct_reclaim_begin")
int direct_begin_classic(void *ctx)
{
	begin_reclaim(RECLAIM_DIRECT);
	return 1;
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int direct_end(__u64 *ctx)
{
	return end_reclaim(RECLAIM_DIRECT, hm_tp_optional(ctx, mm_vmscan_direct_reclaim_end, long_unsigned_int, 0));
}

SEC("tracepoint/vmscan/mm_vmscan_direct_reclaim_end")
int direct_end_classic(struct trace_event_raw_mm_vmscan_direct_reclaim_end_template *ctx)
{
	end_reclaim(RECLAIM_DIRECT, ctx->nr_reclaimed);
	return 1;
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int memcg_begin(__u64 *ctx)
{
	return begin_reclaim(RECLAIM_MEMCG);
}

SEC("tracepoint/vmscan/mm_vmscan_memcg_reclaim_begin")
int memcg_begin_classic(void *ctx)
{
	begin_reclaim(RECLAIM_MEMCG);
	return 1;
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int memcg_end(__u64 *ctx)
{
	return end_reclaim(RECLAIM_MEMCG, hm_tp_optional(ctx, mm_vmscan_memcg_reclaim_end, long_unsigned_int, 0));
}

SEC("tracepoint/vmscan/mm_vmscan_memcg_reclaim_end")
int memcg_end_classic(struct trace_event_raw_mm_vmscan_direct_reclaim_end_template *ctx)
{
	end_reclaim(RECLAIM_MEMCG, ctx->nr_reclaimed);
	return 1;
}

SEC("tp_btf/mm_vmscan_kswapd_wake")
int kswapd_wake(__u64 *ctx)
{
	return count_kswapd();
}

SEC("tracepoint/vmscan/mm_vmscan_kswapd_wake")
int kswapd_wake_classic(void *ctx)
{
	count_kswapd();
	return 1;
}

/* The kernel holds a lock while it kills, so the program never runs twice at once: this way is the best on all kernels. */
SEC("tp_btf/mark_victim")
int mark_victim(__u64 *ctx)
{
	if (hm_tp_has(mark_victim, task_struct, 0))
		return record_victim((struct task_struct *)hm_tp_optional(ctx, mark_victim, task_struct, 0), 0);
	return record_victim(0, hm_tp_optional(ctx, mark_victim, int, 0));
}

SEC("tracepoint/oom/mark_victim")
int mark_victim_classic(struct trace_event_raw_mark_victim *ctx)
{
	record_victim(0, ctx->pid);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
