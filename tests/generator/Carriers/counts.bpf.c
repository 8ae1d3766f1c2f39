// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Keys that are added when they are not found. An update that can lose the first count has the ID of the rule, the others must not be reported.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/map.h>

struct traffic {
	__u64 packets;
	__u64 bytes;
	__u32 bursts;
};

struct run {
	__u64 started_ns;
	__u64 total_ns;
};

struct place {
	__u64 device;
	__u64 thread;
};

#define HASH(name, kind, key_type, value_type)		\
	struct {					\
		__uint(type, BPF_MAP_TYPE_##kind);	\
		__uint(max_entries, 1024);		\
		__type(key, key_type);			\
		__type(value, value_type);		\
	} name SEC(".maps")

HASH(shared, HASH, __u32, __u64);
HASH(recent, LRU_HASH, __u32, struct traffic);
HASH(per_cpu, PERCPU_HASH, __u32, __u64);
HASH(recent_per_cpu, LRU_PERCPU_HASH, __u32, struct traffic);
HASH(runs, HASH, __u32, struct run);
HASH(starts, HASH, __u32, __u64);
HASH(ended, HASH, __u32, __u64);
HASH(by_place, HASH, struct place, __u64);

__u64 lost;

SEC("xdp")
int with_noexist(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	__u64 one = 1, *count = bpf_map_lookup_elem(&shared, &device);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&shared, &device, &one, BPF_NOEXIST); /* HMBPF2537 */
	return XDP_PASS;
}

SEC("xdp")
int with_any(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex, length = ctx->data_end - ctx->data;
	struct traffic first = { .packets = 1, .bytes = length }, *traffic = bpf_map_lookup_elem(&recent, &device);

	if (!traffic) {
		bpf_map_update_elem(&recent, &device, &first, BPF_ANY); /* HMBPF2537 */
		return XDP_PASS;
	}
	traffic->packets++;
	traffic->bytes += length;
	return XDP_PASS;
}

SEC("xdp")
int with_a_member_only(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	struct traffic first = { .bursts = 1 }, *traffic = bpf_map_lookup_elem(&recent_per_cpu, &device);

	if (traffic)
		traffic->bursts++;
	else
		bpf_map_update_elem(&recent_per_cpu, &device, &first, BPF_NOEXIST); /* HMBPF2537 */
	return XDP_PASS;
}

static __always_inline void add(void *map, __u32 key, __u64 by)
{
	__u64 *count = bpf_map_lookup_elem(map, &key);

	if (count)
		__sync_fetch_and_add(count, by);
	else
		bpf_map_update_elem(map, &key, &by, BPF_ANY); /* HMBPF2537 */
}

SEC("tc")
int through_a_function(struct __sk_buff *ctx)
{
	add(&shared, ctx->ifindex, ctx->len);
	return 0;
}

SEC("tc")
int for_a_process(void *ctx)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32;
	__u64 one = 1, *count = bpf_map_lookup_elem(&shared, &process);

	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&shared, &process, &one, BPF_ANY); /* HMBPF2537 */
	return 0;
}

SEC("xdp")
int looked_up_again(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	__u64 zero = 0, *count = bpf_map_lookup_elem(&shared, &device);

	if (!count) {
		bpf_map_update_elem(&shared, &device, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&shared, &device);
		if (!count)
			return XDP_PASS;
	}
	__sync_fetch_and_add(count, 1);
	return XDP_PASS;
}

SEC("xdp")
int through_the_header(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	struct traffic none = {}, *traffic = hm_lookup_or_add(&recent, &device, &none);

	if (traffic)
		__sync_fetch_and_add(&traffic->packets, 1);
	return XDP_PASS;
}

SEC("xdp")
int failure_is_seen(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	__u64 one = 1, *count = bpf_map_lookup_elem(&shared, &device);

	if (count)
		__sync_fetch_and_add(count, 1);
	else if (bpf_map_update_elem(&shared, &device, &one, BPF_NOEXIST))
		__sync_fetch_and_add(&lost, 1);
	return XDP_PASS;
}

SEC("xdp")
int of_this_cpu(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	__u64 one = 1, *count = bpf_map_lookup_elem(&per_cpu, &device);

	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&per_cpu, &device, &one, BPF_ANY);
	return XDP_PASS;
}

SEC("xdp")
int by_cpu(struct xdp_md *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 one = 1, *count = bpf_map_lookup_elem(&shared, &cpu);

	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&shared, &cpu, &one, BPF_ANY);
	return XDP_PASS;
}

SEC("tp_btf/sched_switch")
int by_thread(__u64 *ctx)
{
	__u32 thread = bpf_get_current_pid_tgid();
	__u64 one = 1, *count = bpf_map_lookup_elem(&shared, &thread);

	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&shared, &thread, &one, BPF_NOEXIST);
	return 0;
}

SEC("tc")
int by_thread_and_device(struct __sk_buff *ctx)
{
	struct place place = { ctx->ifindex, bpf_get_current_pid_tgid() };
	__u64 one = 1, *count = bpf_map_lookup_elem(&by_place, &place);

	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&by_place, &place, &one, BPF_NOEXIST);
	return 0;
}

SEC("xdp")
int state_with_a_sum(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	__u64 now = bpf_ktime_get_ns();
	struct run first = { .started_ns = now }, *run = bpf_map_lookup_elem(&runs, &device);

	if (run) {
		run->total_ns += now - run->started_ns;
		run->started_ns = now;
	} else {
		bpf_map_update_elem(&runs, &device, &first, BPF_ANY);
	}
	return XDP_PASS;
}

SEC("xdp")
int state_of_a_start(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	__u64 now = bpf_ktime_get_ns(), *start = bpf_map_lookup_elem(&starts, &device);

	if (start) {
		__sync_fetch_and_add(&lost, now - *start);
		*start = now;
	} else {
		bpf_map_update_elem(&starts, &device, &now, BPF_ANY);
	}
	return XDP_PASS;
}

SEC("xdp")
int state_that_is_deleted(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	__u64 one = 1, *count = bpf_map_lookup_elem(&ended, &device);

	if (!count)
		bpf_map_update_elem(&ended, &device, &one, BPF_ANY);
	else if (__sync_fetch_and_add(count, 1) == 3)
		bpf_map_delete_elem(&ended, &device);
	return XDP_PASS;
}

SEC("xdp")
int another_key(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex, queue = ctx->rx_queue_index;
	__u64 one = 1, *count = bpf_map_lookup_elem(&shared, &device);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&shared, &queue, &one, BPF_ANY);
	return XDP_PASS;
}

SEC("xdp")
int always_written(struct xdp_md *ctx)
{
	__u32 device = ctx->ingress_ifindex;
	__u64 next = 1, *count = bpf_map_lookup_elem(&shared, &device);

	if (count)
		next += *count;
	bpf_map_update_elem(&shared, &device, &next, BPF_ANY);
	return XDP_PASS;
}

SEC("syscall")
int alone(void *ctx)
{
	__u32 key = 7;
	__u64 one = 1, *count = bpf_map_lookup_elem(&shared, &key);

	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&shared, &key, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
