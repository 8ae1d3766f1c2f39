// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// System calls by command, and by system call.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/map.h>
#include <hypermesh/parameter.h>
#include <hypermesh/tracepoint.h>

#define NUMBERS 512		/* greater ones are counted in the last entry */

HM_TP_ARG(sys_enter, long_int, 0);

const volatile __u32 pid HM_PARAMETER(0, 4194304, "Only this process; 0 for all") = 0;

struct command {
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct command);
	__type(value, __u64);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NUMBERS);
	__type(key, __u32);
	__type(value, __u64);
} by_number SEC(".maps");

/* Calls of commands for which the map had no room. */
__u64 not_counted;

static __always_inline void count(void *map, void *key, __u64 *missed)
{
	__u64 none = 0, *calls = hm_lookup_or_add(map, key, &none);

	__atomic_fetch_add(calls ? calls : missed, 1, __ATOMIC_RELAXED);
}

SEC("tp_btf/sys_enter")
int sys_enter(__u64 *ctx)
{
	struct command command = {};
	__u64 number = hm_tp_value(ctx, sys_enter, long_int, 0);
	__u32 index = number < NUMBERS ? number : NUMBERS - 1;

	if (pid && bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	bpf_get_current_comm(command.comm, sizeof(command.comm));
	count(&calls, &command, &not_counted);
	count(&by_number, &index, &not_counted);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
