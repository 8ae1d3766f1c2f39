// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Calls of all three kinds, to be named when the loaded program is dumped: a helper, a function of its own, a function of the kernel.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

char comm[16];

static __attribute__((noinline)) int calls_own(void *ctx)
{
	return bpf_get_current_comm(comm, sizeof(comm)) ? 1 : (int)(long)ctx;
}

static __attribute__((noinline)) int calls_second(void *ctx)
{
	return bpf_get_current_comm(comm, 8) ? 3 : calls_own(ctx);
}

SEC("tp_btf/sched_process_exit")
int calls_program(void *ctx)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return calls_own(ctx) + calls_second(ctx) > 0 ? 0 : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
