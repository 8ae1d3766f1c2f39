// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the C# examples of the pages beside it use: Traffic is made of this file.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

struct flow {
	__u32 source;
	__u32 destination;
	__u16 source_port;
	__u16 destination_port;
	__u32 protocol;
};

struct event {
	__u64 time_ns;
	__u32 pid;
	__u32 bytes;
	char comm[16];
};

struct sample {
	__u64 time_ns;
	__u64 address;
};

const volatile __u32 min_size;
const volatile __u32 only_pid;
__u64 seen;

HM_RINGBUF(events, struct event, 64 * 1024);
HM_RINGBUF(alarms, struct sample, 64 * 1024);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, __u64);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, struct sample);
} latest SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, __u64);
} packets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} by_cpu SEC(".maps");

/* Programs write it, user space only reads. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_RDONLY);
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

/* User space writes it, and never sees it again. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_WRONLY);
	__type(key, __u32);
	__type(value, __u64);
} secrets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 64 * 1024);
} commands SEC(".maps");

/* Jumps reads it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} blocked SEC(".maps");

SEC("xdp")
int count_packets(struct xdp_md *packet)
{
	__u32 device = packet->ingress_ifindex;
	__u64 now = bpf_ktime_get_ns();

	if (__sync_fetch_and_add(&seen, 1) > 1000000)
		bpf_map_update_elem(&blocked, &device, &now, BPF_ANY);
	return packet->data_end - packet->data < min_size ? XDP_DROP : XDP_PASS;
}

SEC("tp_btf/sched_process_exit")
int on_exit(__u64 *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct event *event;
	struct sample *sample;

	if (only_pid && pid != only_pid)
		return 0;
	event = hm_reserve(events);
	if (event) {
		event->time_ns = bpf_ktime_get_ns();
		event->pid = pid;
		event->bytes = 0;
		bpf_get_current_comm(event->comm, sizeof(event->comm));
		bpf_ringbuf_submit(event, 0);
	}
	sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0);
	if (sample) {
		sample->time_ns = bpf_ktime_get_ns();
		sample->address = 0;
		bpf_ringbuf_submit(sample, 0);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
