// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Definitions and sections; the wrong ones say which message is expected.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u32);
	__type(value, __u64);
} no_entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(value, __u64);
} no_key SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 16);
} no_value SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
} no_size SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__type(key, __u32);
		__type(value, __u64);
	});
} outer SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} storage SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} tails SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} plain;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} elsewhere SEC(".data.maps");

/* Not a map: a pointer called value, an array called key. */
struct {
	int type;
	char key[8];
	__u64 *value;
} setting;

extern void bpf_no_such_thing(void *) __ksym;
extern void bpf_task_releas(void *) __ksym;
extern void bpf_may_be_missing(void *) __ksym __weak;
extern void bpf_ct_release(void *) __ksym;

static __attribute__((always_inline)) int touch(void)
{
	__u32 key = 0;
	__u64 one = 1;

	bpf_map_update_elem(&no_entries, &key, &one, 0);
	bpf_map_update_elem(&plain, &key, &one, 0);
	bpf_map_update_elem(&elsewhere, &key, &one, 0);
	setting.type = 1;
	return 0;
}

#define PROGRAM(name, section) SEC(section) int name(void *ctx) { return touch(); }

PROGRAM(misspelt, "tp_brf/sched_switch")
PROGRAM(swapped, "?xpd")
PROGRAM(old_style, "xdp/drop")
PROGRAM(plural, "tracepoints/sched/sched_switch")
PROGRAM(other_case, "XDP")
PROGRAM(cgroup, "cgroup/ingress")
PROGRAM(wild, "my_function")
PROGRAM(bare, "tp_btf")
PROGRAM(bare_slash, "lsm/")
PROGRAM(bare_iterator, "iter")
PROGRAM(no_category, "tp/sched_switch")
PROGRAM(category_of_typed, "tp_btf/sched/sched_switch")
PROGRAM(colons, "tracepoint:sched:sched_switch")
PROGRAM(bare_function, "fentry")
PROGRAM(bare_probe, "kprobe")
PROGRAM(bare_tracepoint, "tracepoint")
PROGRAM(right, "tp_btf/sched_switch")

SEC("raw_tp/sched_switch")
int calls(void *ctx)
{
	bpf_no_such_thing(ctx);
	bpf_task_releas(ctx);
	bpf_ct_release(ctx);
	if (bpf_may_be_missing)
		bpf_may_be_missing(ctx);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
