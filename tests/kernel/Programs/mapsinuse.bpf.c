// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Maps that mean something only with a program: run on demand, as raw tracepoints are on all kernels (5.10).

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/map.h>

struct run {
	__u64 input;
};

int first(struct run *run);
int third(struct run *run);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__array(values, int (struct run *));
} jumps SEC(".maps") = {
	.values = { [0] = (void *)&first, [2] = (void *)&third },
};

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} inner_a SEC(".maps"), inner_b SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, __u32);
	__array(values, struct inner);
} by_index SEC(".maps") = {
	.values = { [1] = &inner_a },
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct inner);
} by_key SEC(".maps") = {
	.values = { [0] = &inner_a, [7] = &inner_b },
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 16 * sizeof(__u64));
} stacks SEC(".maps");

struct locked {
	struct bpf_spin_lock lock;
	__u32 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct locked);
} locked_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct locked);
} locked_array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 3);
	__type(key, __u32);
	__uint(value_size, 12);
} mapped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} kept SEC(".maps");

const volatile __u64 length = 1;
__u64 before SEC(".data.sized") = 5;
__u64 sized[1] SEC(".data.sized") = { 6 };

SEC("raw_tp/sched_switch")
int jump(struct run *run)
{
	bpf_tail_call(run, &jumps, run->input);
	return 100;
}

SEC("raw_tp/sched_switch")
int first(struct run *run)
{
	return 1;
}

SEC("raw_tp/sched_switch")
int third(struct run *run)
{
	return 3;
}

static int count(void *map)
{
	__u32 zero = 0;
	__u64 *value = map ? bpf_map_lookup_elem(map, &zero) : 0;

	if (!value)
		return -1;
	return ++*value;
}

SEC("raw_tp/sched_switch")
int count_index(struct run *run)
{
	__u32 key = run->input;

	return count(bpf_map_lookup_elem(&by_index, &key));
}

SEC("raw_tp/sched_switch")
int count_key(struct run *run)
{
	__u32 key = run->input;

	return count(bpf_map_lookup_elem(&by_key, &key));
}

SEC("raw_tp/sched_switch")
int send(struct run *run)
{
	__u64 record[2] = { run->input, 42 };

	return bpf_perf_event_output(run, &perf, BPF_F_CURRENT_CPU, record, sizeof(record));
}

SEC("raw_tp/sched_switch")
int stack(struct run *run)
{
	return bpf_get_stackid(run, &stacks, 0);
}

SEC("raw_tp/sched_switch")
int set_mapped(struct run *run)
{
	__u32 key = run->input;
	__u32 *value = bpf_map_lookup_elem(&mapped, &key);

	if (!value)
		return -1;
	value[2] = value[0] + value[1];
	return value[2];
}

SEC("raw_tp/sched_switch")
int set_kept(struct run *run)
{
	__u32 key = run->input;
	__u64 zero = 0, *value = hm_lookup_or_add(&kept, &key, &zero);

	return value ? ++*value : -1;
}

SEC("raw_tp/sched_switch")
int set_sized(struct run *run)
{
	__u64 i = run->input;

	if (i >= length)
		return -1;
	sized[i] += before;
	return sized[i];
}

SEC("?raw_tp/sched_switch")
int sum_mapped(struct run *run)
{
	__u32 key = run->input;
	__u32 *value = bpf_map_lookup_elem(&mapped, &key);

	if (!value)
		return 1;
	value[2] = value[0] + before + sized[0];
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
