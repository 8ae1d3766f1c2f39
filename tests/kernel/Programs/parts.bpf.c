// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// All parts of an object at once: constants, globals, maps, functions, callbacks, a CO-RE field; run on demand.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

const volatile __u64 step = 1;
const volatile char label[8] = "parts";
__u64 total;
__u32 table[4] = { 10, 20, 30, 40 };
__u64 own SEC(".data.own") = 7;
static __u64 hidden;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct run {
	__u32 input;
	__u32 result;
};

struct task_struct {
	int pid;
	int tgid;
	int no_such_field;
} __attribute__((preserve_access_index));

static __noinline __u64 count(__u32 key, __u64 by)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &key);
	__u64 first = by;

	hidden += by;
	if (!value)
		return bpf_map_update_elem(&counts, &key, &first, BPF_ANY) ? 0 : by;
	*value += by;
	return *value;
}

/* Global: the verifier looks at it by itself. */
__noinline __u64 pick(__u32 index)
{
	return table[index & 3];
}

static long each(__u32 index, void *context)
{
	*(__u64 *)context += index;
	return 0;
}

SEC("syscall")
int add(struct run *run)
{
	total += step * run->input;
	own++;
	run->result = count(run->input, step) + pick(run->input);
	return 5;
}

SEC("?syscall")
int loop(struct run *run)
{
	__u64 sum = 0;

	bpf_loop(run->input, each, &sum, 0);
	run->result = sum;
	return 0;
}

SEC("?syscall")
int fields(struct run *run)
{
	run->result = bpf_core_field_exists(struct task_struct, pid) | bpf_core_field_exists(struct task_struct, no_such_field) << 1;
	return 0;
}

/* What the others do, where no program runs on demand. Several CPUs at once. */
SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	__atomic_fetch_add(&own, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&total, step + pick(own & 1), __ATOMIC_RELAXED);
	count(own & 1, step);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
