// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Iterators: how many things each walked.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} walked SEC(".maps");

__u64 hits;
__u64 sum;

/* Each context begins with what all have; the thing itself follows, NULL once at the end. */
struct walk {
	void *meta;
	void *thing;
};

struct map_walk {
	void *meta;
	void *map;
	void *key;
	__u64 *value;
};

SEC("?iter/task")
int tasks(struct walk *ctx)
{
	if (ctx->thing)
		hits++;
	return 0;
}

SEC("?iter.s/task")
int tasks_sleepable(struct walk *ctx)
{
	if (ctx->thing)
		hits++;
	return 0;
}

SEC("?iter/bpf_map_elem")
int entries(struct map_walk *ctx)
{
	if (ctx->value) {
		hits++;
		sum += *ctx->value;
	}
	return 0;
}

SEC("?iter/cgroup")
int groups(struct walk *ctx)
{
	if (ctx->thing)
		hits++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
