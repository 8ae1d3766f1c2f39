// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Records that wake no reader: the record at the reader's position is discarded without a wake-up, and the kernel wakes a reader only for the record at that position.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

__u64 sent;

SEC("raw_tp/sched_switch")
int quiet(void *ctx)
{
	__u64 *room = bpf_ringbuf_reserve(&events, sizeof(*room), 0);

	if (!room)
		return 1;
	bpf_ringbuf_discard(room, BPF_RB_NO_WAKEUP);

	room = bpf_ringbuf_reserve(&events, sizeof(*room), 0);
	if (!room)
		return 2;
	*room = ++sent;
	bpf_ringbuf_submit(room, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
