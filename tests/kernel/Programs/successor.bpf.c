// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Another version of versions.bpf.c: a section that is spelled otherwise, one of another hook, one that names no target, and a program that is new. Its marks are those of version 2.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define EVENTS (1 << 22)
#define GETPGID 121

const volatile __u32 tgid;

struct pt_regs___kernel {
	unsigned long di;
	unsigned long orig_ax;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EVENTS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u32);
} marks SEC(".maps");

static __always_inline int mark(struct pt_regs___kernel *regs)
{
	__u32 key = BPF_CORE_READ(regs, di), *found;

	if (bpf_get_current_pid_tgid() >> 32 != tgid || BPF_CORE_READ(regs, orig_ax) != GETPGID)
		return 0;
	found = bpf_map_lookup_elem(&marks, &key);
	if (found)
		__atomic_fetch_add(found, 1 << 16, __ATOMIC_RELAXED);
	return 0;
}

SEC("?raw_tracepoint/sys_enter")
int raw(__u64 *ctx)
{
	return mark((void *)ctx[0]);
}

SEC("?tp_btf/sys_exit")
int typed(__u64 *ctx)
{
	return mark((void *)ctx[0]);
}

SEC("?perf_event")
int probe(void *ctx)
{
	return 0;
}

SEC("?raw_tp/sys_exit")
int added(__u64 *ctx)
{
	return mark((void *)ctx[0]);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
