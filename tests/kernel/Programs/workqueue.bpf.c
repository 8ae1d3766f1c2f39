// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Work in a map's value (6.10): it runs later, in a thread of the kernel, and may sleep.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#ifndef bpf_ksym_exists
#define bpf_ksym_exists(symbol) (!!(symbol))
#endif

/* As the kernel has it; the system's header may be older. */
struct bpf_wq { __u64 words[2]; } __attribute__((aligned(8)));

extern int bpf_wq_init(struct bpf_wq *work, void *map, unsigned int flags) __ksym;
extern int bpf_wq_start(struct bpf_wq *work, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *work, int (*callback)(void *map, int *key, void *value), unsigned int flags, void *aux) __ksym __weak;
/* Since 7.0 the kernel puts the last argument there itself. */
extern int bpf_wq_set_callback(struct bpf_wq *work, int (*callback)(void *map, int *key, void *value), unsigned int flags) __ksym __weak;

struct job {
	struct bpf_wq work;
	__u64 runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct job);
} jobs SEC(".maps");

static int run(void *map, int *key, void *value)
{
	struct job *job = value;

	__atomic_fetch_add(&job->runs, 1, __ATOMIC_RELAXED);
	return 0;
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct job *job = bpf_map_lookup_elem(&jobs, &zero);

	if (!job)
		return -1;
	if (bpf_wq_init(&job->work, &jobs, 0))
		return -2;
	if (bpf_ksym_exists(bpf_wq_set_callback)) {
		if (bpf_wq_set_callback(&job->work, run, 0))
			return -3;
	} else if (bpf_wq_set_callback_impl(&job->work, run, 0, (void *)0)) {
		return -3;
	}
	return bpf_wq_start(&job->work, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
