// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Programs no kernel takes, one mistake each. The tests know their lines.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct task_struct {
	int no_such_field;
} __attribute__((preserve_access_index));

SEC("?raw_tp/sched_switch")
int unchecked(void *ctx)
{
	__u32 key = 1;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	return *value;			/* line 26 */
}

SEC("?tp_btf/sched_switch")
int missing_field(__u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[1];

	return task->no_such_field;	/* line 34 */
}

SEC("?tp_btf/no_such_tracepoint")
int missing_target(__u64 *ctx)
{
	return 0;
}

SEC("?raw_tp/no_such_tracepoint")
int missing_at_attach(void *ctx)
{
	return 0;
}

SEC("raw_tp/sched_switch")
int good(void *ctx)
{
	return 0;
}

extern int bpf_no_such_function(void *pointer) __ksym __weak;

SEC("?raw_tp/sched_switch")
int missing_function(void *ctx)
{
	return bpf_no_such_function(ctx);	/* line 60 */
}

/* The record of this tracepoint is shorter. */
SEC("?tracepoint/sched/sched_process_exit")
int of_another_tracepoint(void *ctx)
{
	return *(volatile __u64 *)(ctx + 512);
}

/* The array belongs to the type of the program that calls through it. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

SEC("?xdp")
int jump(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &jumps, 0);
	return XDP_PASS;
}

SEC("?tc")
int of_another_type(struct __sk_buff *skb)
{
	return 0;
}

/* Each is the other kind. */
SEC("?tp_btf/vfs_unlink")
int function_as_tracepoint(__u64 *ctx)
{
	return 0;
}

SEC("?fentry/sched_switch")
int tracepoint_as_function(__u64 *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
