// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A ring buffer from user space to a program (6.1).

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} orders SEC(".maps");

__u64 sum;

static long each(struct bpf_dynptr *record, void *context)
{
	__u64 value = 0;

	bpf_dynptr_read(&value, sizeof(value), record, 0, 0);
	sum += value;
	return 0;
}

SEC("raw_tp/sched_switch")
int drain(void *ctx)
{
	return bpf_user_ringbuf_drain(&orders, each, 0, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
