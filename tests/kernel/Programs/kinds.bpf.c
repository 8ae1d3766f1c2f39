// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What bindings are typed by: records of several kinds, records through perf buffers, maps in maps, arrays sized before the load, locks of the programs' own.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

enum kind { KIND_OPENED = 1, KIND_CLOSED };

struct opened {
	__u32 flags;
	char path[20];
};

struct closed {
	__u64 bytes;
};

struct event {
	enum kind kind;
	union {
		struct opened opened HM_KIND(KIND_OPENED);
		struct closed closed HM_KIND(KIND_CLOSED);
	};
};

HM_RINGBUF(events, struct event, 4096);

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, int);
	__type(value, struct closed);
} closes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} mixed SEC(".maps") HM_RECORDS(struct event);

struct sizes {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct closed);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct sizes);
} outer SEC(".maps");

__u64 per_length[1] SEC(".bss.per_length");
const volatile __u32 limits[1] SEC(".rodata.limits") = { 7 };
_Bool seen[4];
__be16 port;

struct bpf_spin_lock lock SEC(".data.private") __hidden;
__u64 locked;

/* The packet's length says what is sent. */
SEC("xdp")
int send(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data;
	struct closed closed = { .bytes = length };
	struct event whole = { .kind = KIND_CLOSED, .closed.bytes = length };
	__u32 place = length & 3;
	struct event *event;

	if (length == 64) {
		event = hm_reserve_event(events, opened);
		if (!event)
			return XDP_ABORTED;
		event->kind = KIND_OPENED;
		event->opened.flags = 64;
		__builtin_memcpy(event->opened.path, "/etc/hosts", 11);
	} else {
		event = hm_reserve_event(events, closed);
		if (!event)
			return XDP_ABORTED;
		event->kind = KIND_CLOSED;
		event->closed.bytes = length;
	}
	bpf_ringbuf_submit(event, 0);
	bpf_perf_event_output(ctx, &closes, BPF_F_CURRENT_CPU, &closed, sizeof(closed));
	bpf_perf_event_output(ctx, &mixed, BPF_F_CURRENT_CPU, &whole, 16);

	struct sizes *inner = bpf_map_lookup_elem(&outer, &(__u32){ 1 });
	struct closed *found = inner ? bpf_map_lookup_elem(inner, &length) : 0;

	if (found)
		found->bytes++;
	if (length < limits[0] * 100)
		per_length[0] += length;
	seen[place] = 1;
	port = 0x5000;
	return XDP_PASS;
}

SEC("?xdp")
int lock_and_count(struct xdp_md *ctx)
{
	bpf_spin_lock(&lock);
	locked++;
	bpf_spin_unlock(&lock);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
