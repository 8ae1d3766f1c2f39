// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the benchmarks read: a ring that is filled on demand, and a hash map.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct record {
	__u64 number;
	__u64 payload[7];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 * 1024 * 1024);
	__type(value, struct record);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10000);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

struct fill {
	__u32 wanted;
	__u32 written;
};

static long put(__u32 index, void *context)
{
	struct fill *fill = context;
	struct record *record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);

	if (!record)
		return 1;
	record->number = index;
	record->payload[0] = 1;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	fill->written++;
	return 0;
}

SEC("syscall")
int fill(struct fill *request)
{
	struct fill local = { .wanted = request->wanted };

	bpf_loop(local.wanted, put, &local, 0);
	request->written = local.written;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
