// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A timer in a map's value (5.15): the kernel finds it by the value's type.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct timed {
	struct bpf_timer timer;
	__u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct timed);
} timers SEC(".maps");

static int tick(void *map, __u32 *key, struct timed *value)
{
	__atomic_fetch_add(&value->count, 1, __ATOMIC_RELAXED);
	return 0;
}

SEC("syscall")
int start(void *ctx)
{
	__u32 zero = 0;
	struct timed *value = bpf_map_lookup_elem(&timers, &zero);

	if (!value)
		return -1;
	bpf_timer_init(&value->timer, &timers, 1 /* CLOCK_MONOTONIC */);
	bpf_timer_set_callback(&value->timer, tick);
	return bpf_timer_start(&value->timer, 0, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
