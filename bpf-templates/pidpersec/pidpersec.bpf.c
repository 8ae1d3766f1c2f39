// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Processes and threads that begin, by second and by the command that starts them.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/map.h>
#include <hypermesh/parameter.h>
#include <hypermesh/tracepoint.h>

struct task_struct {
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

HM_TP_ARG(sched_process_fork, task_struct, 0);
HM_TP_ARG(sched_process_fork, task_struct, 1);

const volatile __u32 pid HM_PARAMETER(0, 4194304, "Only what this process starts; 0 for all") = 0;

struct started {
	__u64 processes;
	__u64 threads;
};

struct command {
	char comm[16];
};

/* By seconds since the machine started. After an hour and more, the oldest are left out. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct started);
} by_second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct command);
	__type(value, struct started);
} by_command SEC(".maps");

/* Those of commands for which the map had no room. */
__u64 not_counted;

static __always_inline void count(void *map, void *key, _Bool is_thread)
{
	static const struct started none;
	struct started *found = hm_lookup_or_add(map, key, &none);

	__atomic_fetch_add(!found ? &not_counted : is_thread ? &found->threads : &found->processes, 1, __ATOMIC_RELAXED);
}

SEC("tp_btf/sched_process_fork")
int process_fork(__u64 *ctx)
{
	struct task_struct *parent = hm_tp_pointer(ctx, sched_process_fork, task_struct, 0);
	struct task_struct *child = hm_tp_pointer(ctx, sched_process_fork, task_struct, 1);
	__u64 second = bpf_ktime_get_boot_ns() / 1000000000;
	_Bool is_thread = child->pid != child->tgid;
	struct command command = {};

	if (pid && (__u32)parent->tgid != pid)
		return 0;
	bpf_get_current_comm(command.comm, sizeof(command.comm));
	count(&by_second, &second, is_thread);
	count(&by_command, &command, is_thread);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
