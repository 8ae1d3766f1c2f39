// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What an agent leaves to the next one: numbered events in a ring buffer, and counters whose layout another version (NEXT) changes.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/reload.h>
#include <hypermesh/ringbuf.h>

#define GETPGID 121

const volatile __u32 tgid;

struct pt_regs___kernel {
	unsigned long orig_ax;
} __attribute__((preserve_access_index));

struct record {
	__u64 sequence;
	__u32 cpu;
	__u32 version;
};

#ifdef NEXT
#define VERSION 2
struct counts {
	__u64 added HM_SUM;
	__u64 dropped HM_SUM;
	__u64 produced HM_SUM;
};
#else
#define VERSION 1
struct counts {
	__u64 produced HM_SUM;
	__u64 dropped HM_SUM;
};
#endif

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
	__type(value, struct record);
} handed_ring SEC(".maps");

/* The next number of each CPU. The program reads it, so it is the same in both versions. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} handed_next SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counts);
} handed_counts SEC(".maps");

/* Made anew by each agent. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} handed_calls SEC(".maps");

__u64 handed_events HM_SUM;
#ifdef NEXT
__u64 handed_more HM_SUM;
#endif

SEC("raw_tp/sys_enter")
int handed_on_enter(__u64 *ctx)
{
	struct pt_regs___kernel *regs = (void *)ctx[0];
	__u32 zero = 0;
	struct counts *counts;
	struct record *record;
	__u64 *next, sequence;

	if (bpf_get_current_pid_tgid() >> 32 != tgid || BPF_CORE_READ(regs, orig_ax) != GETPGID)
		return 0;
	next = bpf_map_lookup_elem(&handed_next, &zero);
	counts = bpf_map_lookup_elem(&handed_counts, &zero);
	if (!next || !counts)
		return 0;
	sequence = (*next)++;		/* of this CPU, on which no other version runs meanwhile */
	__atomic_fetch_add(&counts->produced, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&handed_events, 1, __ATOMIC_RELAXED);
	record = bpf_ringbuf_reserve(&handed_ring, sizeof(*record), 0);
	if (!record) {
		__atomic_fetch_add(&counts->dropped, 1, __ATOMIC_RELAXED);
		return 0;
	}
	record->sequence = sequence;
	record->cpu = bpf_get_smp_processor_id();
	record->version = VERSION;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
