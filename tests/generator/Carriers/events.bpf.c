// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A small monitor: typed and untyped rings, counted and not, and a few globals.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum event_kind { EVENT_EXEC = 1, EVENT_EXIT = 2 };

struct event {
	__u64 time_ns;
	__u32 pid;
	enum event_kind kind;
	char comm[16];
	char file[64];
};

const volatile __u64 min_duration_ns;
const volatile _Bool only_root = 1;
__u64 seen;
int verbosity = 2;
static volatile __u32 hidden_static;
const volatile __u8 hm_arg__sched_switch__task_struct__0 = 255;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
	__type(value, struct event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} events__dropped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} raw_bytes SEC(".maps");

SEC("tp_btf/sched_process_exec")
int sched_exec(__u64 *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	hidden_static++;
	if (!event)
		return 0;
	event->time_ns = bpf_ktime_get_ns() + min_duration_ns + only_root + verbosity + hm_arg__sched_switch__task_struct__0;
	event->kind = EVENT_EXEC;
	bpf_ringbuf_submit(event, 0);
	__sync_fetch_and_add(&seen, 1);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int sched_exit(__u64 *ctx)
{
	return bpf_ringbuf_output(&raw_bytes, ctx, 8, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
