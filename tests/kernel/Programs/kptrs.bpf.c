// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A task kept in a map's value (6.4): the kernel holds it for the map, and gives it back with the map.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define HELD __attribute__((btf_type_tag("kptr")))

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

struct holder {
	__u64 times;
	struct task_struct HELD *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct holder);
} holders SEC(".maps");

const volatile __s32 wanted;
__s32 seen;

static __always_inline struct holder *holder(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&holders, &zero);
}

/* 1 where there was a task already. */
SEC("tc")
int keep(struct __sk_buff *skb)
{
	struct holder *here = holder();
	struct task_struct *task;

	if (!here)
		return -1;
	task = bpf_task_from_pid(wanted);
	if (!task)
		return -2;
	here->times++;
	task = bpf_kptr_xchg(&here->task, task);
	if (!task)
		return 0;
	bpf_task_release(task);
	return 1;
}

/* 1 where there was a task. */
SEC("tc")
int take(struct __sk_buff *skb)
{
	struct holder *here = holder();
	struct task_struct *task;

	if (!here)
		return -1;
	task = bpf_kptr_xchg(&here->task, (void *)0);
	if (!task)
		return 0;
	seen = task->pid;
	bpf_task_release(task);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
