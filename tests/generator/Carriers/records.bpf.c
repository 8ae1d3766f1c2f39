// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Records of all sorts through rings and perf buffers that do not name them.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/event.h>

struct kept { __u64 time_ns; };
HM_EVENT(struct kept);

struct lost { __u64 time_ns; };
struct first { __u64 time_ns; };
struct second { __u64 time_ns; __u64 size; };
struct pointed { __u64 time_ns; };
typedef struct { __u64 time_ns; } named_t;
HM_EVENT(named_t);

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} two_types SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} by_pointer SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} bytes SEC(".maps");

SEC("raw_tp/sched_switch")
int on_switch(__u64 *ctx)
{
	struct kept kept = { 1 };
	struct lost lost = { 2 };
	struct pointed *pointed;

	bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &kept, sizeof(struct kept));
	bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &lost, sizeof(struct lost));

	struct first *first = bpf_ringbuf_reserve(&two_types, sizeof(struct first), 0);
	if (first)
		bpf_ringbuf_discard(first, 0);
	struct second *second = bpf_ringbuf_reserve(&two_types, sizeof(*second), 0);
	if (second)
		bpf_ringbuf_discard(second, 0);

	pointed = bpf_ringbuf_reserve(&by_pointer, sizeof(*pointed), 0);
	if (pointed)
		bpf_ringbuf_discard(pointed, 0);

	return bpf_ringbuf_output(&bytes, ctx, 8, 0);
}

char LICENSE[] SEC("license") = "GPL";
