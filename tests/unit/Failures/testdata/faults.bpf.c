// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One map, global, extern and program of many kinds, for loads in which one system call after the other fails. Compiled in this folder:
//   clang-22 -I/usr/include/x86_64-linux-gnu -O2 -g -target bpfel -mcpu=v3 -fdebug-compilation-dir=. -c faults.bpf.c -o faults.bpf.o && llvm-strip -g faults.bpf.o
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} pinned SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} first_inner SEC(".maps"), second_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { &first_inner, &second_inner },
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig;
extern const void some_symbol __ksym;

const volatile __u64 threshold = 5;
__u32 counter = 1;
__u64 zeroes[4];

static __attribute__((noinline)) int note(__u32 pid)
{
	__u64 one = 1;

	counter++;
	zeroes[pid & 3] += threshold;
	return bpf_map_update_elem(&counts, &pid, &one, BPF_ANY);
}

#define PROGRAM(section, name) SEC(section) int name(void *context) { return note(7); }

PROGRAM("?socket", socket_filter)
PROGRAM("?raw_tp/sched_switch", raw_tracepoint)
PROGRAM("?tp/sched/sched_switch", tracepoint)
PROGRAM("?tp_btf/sched_switch", typed_tracepoint)
PROGRAM("?fentry/do_nothing", function_entry)
PROGRAM("?iter/task", iterator)
PROGRAM("?xdp", xdp)
PROGRAM("?tc", classifier)
PROGRAM("?tcx/ingress", tcx)
PROGRAM("?netfilter", netfilter)
PROGRAM("?sk_lookup", socket_lookup)
PROGRAM("?sk_msg", socket_message)
PROGRAM("?cgroup_skb/ingress", group_packets)
PROGRAM("?cgroup/connect4", group_connect)
PROGRAM("?syscall", on_demand)
PROGRAM("?kprobe/do_nothing", kernel_probe)
PROGRAM("?kretprobe/do_nothing", kernel_return_probe)
PROGRAM("?kprobe.multi/do_nothing", kernel_probes)
PROGRAM("?perf_event", perf_event)
PROGRAM("?lsm/file_open", security_hook)

SEC("?raw_tp/sched_switch")
int relocated(struct task_struct *task)
{
	return task->pid;
}

SEC("?raw_tp/sched_switch")
int configured(void *context)
{
	return LINUX_KERNEL_VERSION + CONFIG_HZ + ((unsigned long)&some_symbol & 1);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
