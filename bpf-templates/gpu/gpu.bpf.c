// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The time between the creation or emission of a DMA fence and its signal, and the time of jobs in the DRM scheduler.
//
// A fence has a context and a number in it; classic tracepoints show the lower 32 bits of both. A job of the DRM scheduler is
// found again by its fence. The scheduler's tracepoints were renamed in 6.17: both versions have programs here.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/histogram.h>

#define SLOTS 40		/* the last one begins at 2^8 s */

struct dma_fence {
	__u64 context;
	__u64 seqno;
} __attribute__((preserve_access_index));

struct trace_event_raw_dma_fence {
	unsigned int context;
	unsigned int seqno;
} __attribute__((preserve_access_index));

struct drm_sched_fence;

struct drm_sched_job {
	struct drm_sched_fence *s_fence;
} __attribute__((preserve_access_index));

/* The counters of one CPU. Each is added to atomically: interrupts signal fences too. The size is a multiple of a cache line. */
struct gpu_counters {
	__u64 created;
	__u64 emitted;
	__u64 signaled;
	__u64 fence_untimed;	/* signalled, and the beginning is not known */
	__u64 fence_ns;
	__u64 queued;
	__u64 run;
	__u64 done;
	__u64 job_untimed;	/* run or done, and the time before is not known */
	__u64 queue_ns;
	__u64 run_ns;
	__u64 unused;
	__u64 fences[SLOTS];	/* powers of two of binary seconds */
	__u64 queues[SLOTS];
	__u64 runs[SLOTS];
	__u64 padding[4];
};

_Static_assert(sizeof(struct gpu_counters) % 64 == 0, "CPUs would share a cache line");

/* By CPU. Mapped into the reader's memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);	/* user space sets it to the number of possible CPUs */
	__type(key, __u32);
	__type(value, struct gpu_counters);
} counters SEC(".maps");

struct fence_key {
	__u32 context;
	__u32 seqno;
};

/* When a fence began. A fence may never be signalled, so the oldest go when there is no room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct fence_key);
	__type(value, __u64);
} fence_starts SEC(".maps");

/* When a job was queued, and from its run on when that began; by the address of its fence. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
} job_starts SEC(".maps");

#define add(counter, value) __atomic_fetch_add(&(counter), (value), __ATOMIC_RELAXED)

static __always_inline struct gpu_counters *this_cpu(void)
{
	__u32 number = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &number);
}

/* Emission comes after creation and restarts the time; drivers that do not trace it are timed from creation. */
static __always_inline int begin_fence(__u32 context, __u32 seqno, _Bool emitted)
{
	struct fence_key key = { .context = context, .seqno = seqno };
	struct gpu_counters *cpu = this_cpu();
	__u64 now = bpf_ktime_get_ns();

	if (!cpu)
		return 0;
	if (emitted)
		add(cpu->emitted, 1);
	else
		add(cpu->created, 1);
	bpf_map_update_elem(&fence_starts, &key, &now, BPF_ANY);
	return 0;
}

static __always_inline int end_fence(__u32 context, __u32 seqno)
{
	struct fence_key key = { .context = context, .seqno = seqno };
	__u64 now = bpf_ktime_get_ns(), took;
	__u64 *since = bpf_map_lookup_elem(&fence_starts, &key);
	struct gpu_counters *cpu = this_cpu();

	if (!cpu)
		return 0;
	add(cpu->signaled, 1);
	if (!since) {
		add(cpu->fence_untimed, 1);
		return 0;
	}
	took = now - *since;
	bpf_map_delete_elem(&fence_starts, &key);
	add(cpu->fence_ns, took);
	add(cpu->fences[hm_seconds_slot(took, SLOTS)], 1);
	return 0;
}

static __always_inline int queue_job(struct drm_sched_job *job)
{
	__u64 now = bpf_ktime_get_ns(), key;
	struct gpu_counters *cpu = this_cpu();

	/* The verifier takes an argument of a module's tracepoint for one that may be null (6.12). */
	if (!cpu || !job)
		return 0;
	key = (__u64)job->s_fence;
	add(cpu->queued, 1);
	bpf_map_update_elem(&job_starts, &key, &now, BPF_ANY);
	return 0;
}

static __always_inline int run_job(struct drm_sched_job *job)
{
	__u64 now = bpf_ktime_get_ns(), key, *since;
	struct gpu_counters *cpu = this_cpu();

	/* The verifier takes an argument of a module's tracepoint for one that may be null (6.12). */
	if (!cpu || !job)
		return 0;
	key = (__u64)job->s_fence;
	since = bpf_map_lookup_elem(&job_starts, &key);
	add(cpu->run, 1);
	if (since) {
		__u64 waited = now - *since;

		add(cpu->queue_ns, waited);
		add(cpu->queues[hm_seconds_slot(waited, SLOTS)], 1);
	} else {
		add(cpu->job_untimed, 1);
	}
	bpf_map_update_elem(&job_starts, &key, &now, BPF_ANY);
	return 0;
}

static __always_inline int end_job(__u64 fence)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 *since = bpf_map_lookup_elem(&job_starts, &fence);
	struct gpu_counters *cpu = this_cpu();

	if (!cpu)
		return 0;
	add(cpu->done, 1);
	if (since) {
		__u64 ran = now - *since;

		bpf_map_delete_elem(&job_starts, &fence);
		add(cpu->run_ns, ran);
		add(cpu->runs[hm_seconds_slot(ran, SLOTS)], 1);
	} else {
		add(cpu->job_untimed, 1);
	}
	return 0;
}

/* C# loads a program only where the tracepoint's arguments are those it was written for, so positions are fixed here. */

SEC("tp_btf/dma_fence_init")
int fence_created(__u64 *ctx)
{
	struct dma_fence *fence = (struct dma_fence *)ctx[0];

	return begin_fence(fence->context, fence->seqno, 0);
}

/* A classic tracepoint's program returns 1: with 0, the kernel would hide the event from perf. */
SEC("tracepoint/dma_fence/dma_fence_init")
int fence_created_classic(struct trace_event_raw_dma_fence *ctx)
{
	begin_fence(ctx->context, ctx->seqno, 0);
	return 1;
}

SEC("tp_btf/dma_fence_emit")
int fence_emitted(__u64 *ctx)
{
	struct dma_fence *fence = (struct dma_fence *)ctx[0];

	return begin_fence(fence->context, fence->seqno, 1);
}

SEC("tracepoint/dma_fence/dma_fence_emit")
int fence_emitted_classic(struct trace_event_raw_dma_fence *ctx)
{
	begin_fence(ctx->context, ctx->seqno, 1);
	return 1;
}

SEC("tp_btf/dma_fence_signaled")
int fence_signaled(__u64 *ctx)
{
	struct dma_fence *fence = (struct dma_fence *)ctx[0];

	return end_fence(fence->context, fence->seqno);
}

SEC("tracepoint/dma_fence/dma_fence_signaled")
int fence_signaled_classic(struct trace_event_raw_dma_fence *ctx)
{
	end_fence(ctx->context, ctx->seqno);
	return 1;
}

SEC("tp_btf/drm_sched_job_queue")
int job_queued(__u64 *ctx)
{
	return queue_job((struct drm_sched_job *)ctx[0]);
}

SEC("tp_btf/drm_sched_job")
int job_queued_old(__u64 *ctx)
{
	return queue_job((struct drm_sched_job *)ctx[0]);
}

SEC("tp_btf/drm_sched_job_run")
int job_run(__u64 *ctx)
{
	return run_job((struct drm_sched_job *)ctx[0]);
}

SEC("tp_btf/drm_run_job")
int job_run_old(__u64 *ctx)
{
	return run_job((struct drm_sched_job *)ctx[0]);
}

SEC("tp_btf/drm_sched_job_done")
int job_done(__u64 *ctx)
{
	return end_job(ctx[0]);
}

SEC("tp_btf/drm_sched_process_job")
int job_done_old(__u64 *ctx)
{
	return end_job(ctx[0]);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
