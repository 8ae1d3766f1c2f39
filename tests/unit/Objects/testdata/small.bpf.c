// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A little of everything the readers read: maps, globals, a subprogram, CO-RE, a line or two. Compiled in this folder, once a byte order:
//   clang-19 -O2 -g -target bpfel -mcpu=v3 -fdebug-compilation-dir=. -c small.bpf.c -o small.bpf.o && llvm-strip -g small.bpf.o
//   clang-19 -O2 -g -target bpfeb -mcpu=v3 -fdebug-compilation-dir=. -c small.bpf.c -o small-be.bpf.o && llvm-strip -g small-be.bpf.o
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event { __u32 pid; char comm[16]; };
struct moved { unsigned int pid; } __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct event);
} events SEC(".maps");

const volatile __u64 threshold = 5;
__u32 counter = 1;
static __u32 zeroes[4];

static __attribute__((noinline)) int note(__u32 pid)
{
	struct event e = { .pid = pid };
	counter++;
	zeroes[pid & 3]++;
	return bpf_map_update_elem(&events, &pid, &e, BPF_ANY);
}

SEC("socket")
int first(struct moved *p)
{
	return p->pid > threshold ? note(p->pid) : 0;
}

SEC("?raw_tp/sched_switch")
int second(void *ctx)
{
	return note(7);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
