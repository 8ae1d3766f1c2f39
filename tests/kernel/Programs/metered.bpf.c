// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What tags of <hypermesh/metric.h> export: each packet counts in variables and maps, by its first bytes.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/map.h>
#include <hypermesh/metric.h>

#define SLOTS 4

enum verdict { VERDICT_PASS, VERDICT_DROP };

struct flow {
	char name[8];
	enum verdict verdict;
	__be16 port;
	__u8 address[2];
};

struct traffic {
	__u64 packets HM_COUNTER("metered.flow.packets", "{packet}");
	__u64 bytes HM_COUNTER("metered.flow.bytes", "By", "Bytes of a flow");
};

__u64 requests HM_COUNTER("metered.requests", "{request}", "Packets that the program saw");
__s16 balance HM_GAUGE("metered.balance");
const volatile __u32 limit HM_GAUGE("metered.limit", "{packet}") = 7;

// Only written, and in a section that is not mapped.
static __u32 hidden SEC(".bss.hidden") HM_COUNTER("metered.hidden");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} by_kind SEC(".maps") HM_COUNTER("metered.by_kind", "{packet}");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} by_slot SEC(".maps") HM_COUNTER("metered.by_slot", "By");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, enum verdict);
	__type(value, __u64);
} by_verdict SEC(".maps") HM_COUNTER("metered.by_verdict");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, struct traffic);
} by_flow SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 700);
	__type(key, __u32);
	__type(value, __u64);
} wide SEC(".maps") HM_GAUGE("metered.wide");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __s64);
} single SEC(".maps") HM_GAUGE("metered.single");

static __always_inline void add(void *map, void *key, __u64 count)
{
	__u64 zero = 0, *value = hm_lookup_or_add(map, key, &zero);

	if (value)
		__atomic_fetch_add(value, count, __ATOMIC_RELAXED);
}

SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;
	struct traffic none = {}, *traffic;
	struct flow flow = {};
	enum verdict verdict;
	__u32 kind, slot;
	__u32 *bytes;

	if (data + 14 > end)
		return XDP_ABORTED;
	kind = data[0];
	slot = kind & (SLOTS - 1);
	verdict = data[1] & 1 ? VERDICT_DROP : VERDICT_PASS;

	__atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);
	balance = -(__s16)kind;
	hidden++;
	add(&by_kind, &kind, 1);
	bytes = bpf_map_lookup_elem(&by_slot, &slot);
	if (bytes)
		*bytes += end - data;
	add(&by_verdict, &verdict, 1);

	flow.name[0] = data[2];
	flow.name[1] = data[3];
	flow.verdict = verdict;
	flow.port = __builtin_bswap16(data[4]);
	flow.address[0] = data[5];
	flow.address[1] = data[6];
	traffic = hm_lookup_or_add(&by_flow, &flow, &none);
	if (traffic) {
		traffic->packets++;
		traffic->bytes += end - data;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
