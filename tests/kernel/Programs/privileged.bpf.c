// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A program for each thing that takes capabilities, all counting into one map.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

__u64 runs;

static __always_inline int count(int verdict)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		__atomic_fetch_add(value, 1, __ATOMIC_RELAXED);
	return verdict;
}

SEC("?socket") int filter(void *context) { return count(0); }
SEC("?syscall") int run(void *context) { return count(0); }
SEC("?raw_tp/sched_switch") int raw(void *context) { return count(0); }
SEC("?tp_btf/sched_switch") int typed(void *context) { return count(0); }
SEC("?tp/sched/sched_switch") int classic(void *context) { return count(0); }
SEC("?iter/bpf_map") int list(void *context) { return count(0); }
SEC("?xdp") int packet(void *context) { return count(2); }
SEC("?tcx/ingress") int classify(void *context) { return count(0); }
SEC("?cgroup_skb/egress") int group(void *context) { return count(1); }
SEC("?sk_lookup") int look(void *context) { return count(1); }

SEC("?kprobe/__x64_sys_getpgid") int probe(void *context) { return count(0); }
SEC("?kprobe.multi/__x64_sys_getpgid") int probes(void *context) { return count(0); }
SEC("?uprobe/libc.so.6:getppid") int user(void *context) { return count(0); }
SEC("?uprobe.multi/libc.so.6:getppid") int users(void *context) { return count(0); }
SEC("?fentry/__x64_sys_getpgid") int entry(void *context) { return count(0); }
SEC("?lsm/task_getpgid") int security(void *context) { return count(0); }
SEC("?perf_event") int sample(void *context) { return count(0); }
SEC("?netfilter") int hook(void *context) { return count(1); }
SEC("?tc") int shape(void *context) { return count(0); }
SEC("?cgroup/sock_create") int create(void *context) { return count(1); }

SEC("?raw_tp/sched_switch") int emit(void *context)
{
	__u64 record = 7;

	__atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED);
	bpf_ringbuf_output(&events, &record, sizeof(record), 0);
	bpf_perf_event_output(context, &samples, BPF_F_CURRENT_CPU, &record, sizeof(record));
	return count(0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
