// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What is declared extern and defined nowhere, marked where it is used: without libclang an object does not tell the line of a declaration.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

extern struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

extern __u64 total;
extern int CONFIG_HZ;
extern __u64 add(__u64 one, __u64 other);
extern void bpf_rcu_read_lock(void);
extern void bpf_rcu_read_unlock(void) __ksym;
extern int LINUX_KERNEL_VERSION __kconfig;

SEC("tp_btf/sched_process_fork")
int on_fork(void *ctx)
{
	__u32 key = LINUX_KERNEL_VERSION;
	__u64 one = 1;

	bpf_map_update_elem(&counts, &key, &one, BPF_ANY);	/* Map 'counts' */
	bpf_rcu_read_lock();					/* Function 'bpf_rcu_read_lock' */
	total += 3;						/* Variable 'total' */
	one = CONFIG_HZ;					/* Variable 'CONFIG_HZ' */
	bpf_rcu_read_unlock();
	return add(one, key);					/* Function 'add' */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
