// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The kernel's own operations table for tests: its functions are called by test runs, and one of them may sleep (6.2).

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct bpf_dummy_ops_state {
	int val;
} __attribute__((preserve_access_index));

struct bpf_dummy_ops {
	int (*test_1)(struct bpf_dummy_ops_state *state);
	int (*test_sleepable)(struct bpf_dummy_ops_state *state);
};

static __always_inline int add(__u64 *ctx, int by)
{
	struct bpf_dummy_ops_state *state = (void *)ctx[0];

	/* Newer kernels may call with none. */
	if (!state)
		return -1;
	state->val += by;
	return state->val;
}

SEC("struct_ops/test_1")
int wakeful(__u64 *ctx)
{
	return add(ctx, 1);
}

SEC("struct_ops.s/test_sleepable")
int sleeping(__u64 *ctx)
{
	return add(ctx, 10);
}

/* For the place where sleep is not allowed. */
SEC("struct_ops.s/test_1")
int misplaced(__u64 *ctx)
{
	return 0;
}

SEC(".struct_ops")
struct bpf_dummy_ops ops = {
	.test_1 = (void *)wakeful,
	.test_sleepable = (void *)sleeping,
};

SEC("?.struct_ops")
struct bpf_dummy_ops wrong = {
	.test_1 = (void *)misplaced,
};

char LICENSE[] SEC("license") = "Dual BSD/GPL";
