// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What MonitorBuilderTests builds without C, written in C: getpgid of one thread by its argument, counted, summed, and in both histograms.
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define GETPGID 121
#define SLOTS 64
#define LINEAR 12

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 tid;

struct pt_regs {
	unsigned long di;
} __attribute__((preserve_access_index));

struct key {
	__u64 odd;
	char comm[16];
};

struct histogram {
	__u64 count;
	__u64 total;
	__u64 slots[SLOTS];
	__u64 linear[LINEAR];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct key);
	__type(value, struct histogram);
} same SEC(".maps");

static const struct histogram zero;

static __u64 log2_of(__u64 value)
{
	__u64 power = 0;

	for (int step = 32; step > 0; step /= 2)
		if (value >> step) {
			value >>= step;
			power += step;
		}
	return power;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	__u64 value = regs->di, slot;
	struct key key = {};
	struct histogram *found;

	if ((__u32)bpf_get_current_pid_tgid() != tid || id != GETPGID)
		return 0;
	key.odd = value & 1;
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	found = bpf_map_lookup_elem(&same, &key);
	if (!found) {
		bpf_map_update_elem(&same, &key, &zero, BPF_NOEXIST);
		found = bpf_map_lookup_elem(&same, &key);
		if (!found)
			return 0;
	}
	found->count++;
	found->total += value;
	slot = log2_of(value);
	barrier_var(slot);
	if (slot < SLOTS)
		found->slots[slot]++;

	/* From 100 up to 1,000 in steps of 90, with what is below first and what is above last. */
	slot = value < 100 ? 0 : value >= 1000 ? LINEAR - 1 : (value - 100) / 90 + 1;
	barrier_var(slot);
	if (slot < LINEAR)
		found->linear[slot]++;
	return 0;
}
