/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_RINGBUF_H
#define HYPERMESH_RINGBUF_H

#ifndef __VMLINUX_H__	/* vmlinux.h, if it is included before, has these types already */
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>
#include <hypermesh/event.h>

/*
 * A ring buffer that counts the records it had no room for (5.8).
 *
 *     HM_RINGBUF(events, struct event, 256 * 1024);      bytes: a power of two, at least a page
 *
 *     struct event *event = hm_reserve(events);
 *     if (!event)
 *         return 0;                                      already counted
 *     event->pid = pid;
 *     bpf_ringbuf_submit(event, 0);
 *
 * When the ring is full, the kernel rejects a record, and C# does not see that. Here each rejected record is counted per CPU in the map
 * NAME__dropped, which the generated C# shows as `Maps.Events.Dropped`. Use hm_reserve or hm_output for every
 * record of the ring, else the count is too low.
 */
#define HM_RINGBUF(name, record, bytes)                 \
	struct {                                        \
		__uint(type, BPF_MAP_TYPE_RINGBUF);     \
		__uint(max_entries, (bytes));           \
		__type(value, record);                  \
	} name SEC(".maps");                            \
	struct {                                        \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);\
		__uint(max_entries, 1);                 \
		__type(key, __u32);                     \
		__type(value, __u64);                   \
	} name##__dropped SEC(".maps")

/* Reserves room for one record. Pass it to bpf_ringbuf_submit or bpf_ringbuf_discard. NULL, and counted, if there is no room. */
#define hm_reserve(name)                                                                        \
	({                                                                                      \
		typeof(name.value) hm_record = bpf_ringbuf_reserve(&name, sizeof(*hm_record), 0); \
		if (!hm_record)                                                                 \
			hm_count_dropped(&name##__dropped);                                     \
		hm_record;                                                                      \
	})

/* The same for a record of several kinds (see event.h): reserves room up to the end of the named member. */
#define hm_reserve_event(name, member)                                                                            \
	({                                                                                                        \
		typeof(name.value) hm_record = bpf_ringbuf_reserve(                                               \
			&name, __builtin_offsetof(typeof(*name.value), member) + sizeof(name.value->member), 0); \
		if (!hm_record)                                                                                   \
			hm_count_dropped(&name##__dropped);                                                       \
		hm_record;                                                                                        \
	})

/*
 * Submits a reserved record, and wakes the reader only when the ring holds that many bytes. Below that, ReadAllAsync in C# polls the ring a few times a second: a wake-up for each record costs more than
 * the record.
 */
#define hm_submit_lazily(name, record, bytes) \
	bpf_ringbuf_submit(record, bpf_ringbuf_query(&name, BPF_RB_AVAIL_DATA) >= (bytes) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP)

/* Copies one record into the ring; 0, or a negative error number, and counted, if there is no room. */
#define hm_output(name, record)                                                                 \
	({                                                                                      \
		typeof(name.value) hm_record = (record);                                        \
		long hm_error = bpf_ringbuf_output(&name, hm_record, sizeof(*hm_record), 0);    \
		if (hm_error)                                                                   \
			hm_count_dropped(&name##__dropped);                                     \
		hm_error;                                                                       \
	})

/* Atomic, because a program in an interrupt may drop a record on the same CPU at the same time. */
static __always_inline void hm_count_dropped(void *dropped)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(dropped, &zero);

	if (count)
		__atomic_fetch_add(count, 1, __ATOMIC_RELAXED); /* not __sync_…: clang compiles it to an instruction that kernels before 5.12 reject */
}

#endif
