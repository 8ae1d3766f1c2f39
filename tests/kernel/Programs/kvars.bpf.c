// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Variables of the kernel by their type: one of all CPUs, one of each CPU, one no kernel has.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct rq {
	int cpu;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;
extern const int bpf_prog_active __ksym;
extern const struct rq no_such_variable __ksym __weak;

__u64 cpu1 = 99, there, missing, done;

SEC("raw_tp/sched_switch")
int read(void *ctx)
{
	struct rq *rq = bpf_per_cpu_ptr(&runqueues, 1);

	if (rq)
		cpu1 = rq->cpu;
	there = bpf_per_cpu_ptr(&bpf_prog_active, 0) != 0;
	missing = &no_such_variable != 0;
	done = 1;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
