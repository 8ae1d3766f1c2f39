// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Programs that are replaced while events come: each event has a number, and each version of a program marks the numbers that it sees in its own way.

#define KEYS 64
#define PLACES 4096
#define SLOTS 8

#include <linux/types.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <hypermesh/map.h>
#include <hypermesh/reload.h>

#define EVENTS (1 << 22)
#define GETPGID 121
#define PORT 9
#define NUMBER_AT 42		/* behind the headers of Ethernet, IPv4 and UDP */

const volatile __u32 version = VERSION;
const volatile __u32 tgid;
const volatile bool is_refused;

struct pt_regs___kernel {
	unsigned long di;
} __attribute__((preserve_access_index));

struct entered {
	__u64 common;
	__u64 call;
	__u64 arguments[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EVENTS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u32);
} marks SEC(".maps");

/* Of another layout in each file: what all numbers with one remainder have in common. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, KEYS);
	__type(key, __u32);
	__type(value, struct total);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PLACES);
	__type(key, __u32);
	__type(value, struct place);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, KEYS + VERSION);
	__type(key, __u32);
	__type(value, __u64);
} sums SEC(".maps") HM_SUM;

/* Not on the stack: kernels from 6.13 on give each CPU one stack for programs with 64 bytes or more, and 7.2 lets another task run the same uprobe there before the first has ended. */
static const struct total no_total;

static __always_inline void total(__u64 number)
{
	__u32 key = number % KEYS, at = number % PLACES;
	struct total *total = hm_lookup_or_add(&totals, &key, &no_total);
	struct place *place = bpf_map_lookup_elem(&places, &at);
	__u64 zero = 0, *sum = hm_lookup_or_add(&sums, &key, &zero);

	if (total) {
		__atomic_fetch_add(&total->count, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&total->numbers, number, __ATOMIC_RELAXED);
		__atomic_fetch_add(&total->slots[number % SLOTS], 1, __ATOMIC_RELAXED);
		if (number > total->highest)
			total->highest = number;
		if (!total->lowest || number + 1 < total->lowest)
			total->lowest = number + 1;
		total->key = key;
	}
	if (place)
		__atomic_fetch_add(&place->count, 1, __ATOMIC_RELAXED);
	if (sum)
		__atomic_fetch_add(sum, number, __ATOMIC_RELAXED);
}

static __always_inline int mark(__u64 number)
{
	__u32 key = number, *found = bpf_map_lookup_elem(&marks, &key);

	if (is_refused)
		return *(volatile int *)number;
	total(number);
	if (found)
		__atomic_fetch_add(found, version == 1 ? 1 : 1 << 16, __ATOMIC_RELAXED);
	return 0;
}

static __always_inline bool is_own(void)
{
	return bpf_get_current_pid_tgid() >> 32 == tgid;
}

SEC("?tp_btf/sys_enter")
int typed(__u64 *ctx)
{
	struct pt_regs___kernel *regs = (void *)ctx[0];

	return is_own() && ctx[1] == GETPGID ? mark(regs->di) : 0;
}

SEC("?raw_tp/sys_enter")
int raw(__u64 *ctx)
{
	struct pt_regs___kernel *regs = (void *)ctx[0];

	return is_own() && ctx[1] == GETPGID ? mark(BPF_CORE_READ(regs, di)) : 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

SEC("?raw_tp/sys_enter")
int jumping(__u64 *ctx)
{
	bpf_tail_call(ctx, &jumps, 2);
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_getpgid")
int classic(struct entered *ctx)
{
	return is_own() ? mark(ctx->arguments[0]) : 0;
}

SEC("?uprobe")
int probe(struct pt_regs *ctx)
{
	return is_own() ? mark(ctx->rdi) : 0;
}

SEC("?uprobe.s")
int sleepable(struct pt_regs *ctx)
{
	return is_own() ? mark(ctx->rdi) : 0;
}

SEC("?kprobe/__x64_sys_getpgid")
int function(struct pt_regs *ctx)
{
	struct pt_regs___kernel *regs = (void *)ctx->rdi;

	return is_own() ? mark(BPF_CORE_READ(regs, di)) : 0;
}

SEC("?fentry/__x64_sys_getpgid")
int entry(__u64 *ctx)
{
	struct pt_regs___kernel *regs = (void *)ctx[0];

	return is_own() ? mark(regs->di) : 0;
}

SEC("?xdp")
int packet(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + NUMBER_AT + sizeof(__u32) <= end && *(__u16 *)(data + 12) == bpf_htons(0x0800) && *(__u16 *)(data + 36) == bpf_htons(PORT))
		mark(*(__u32 *)(data + NUMBER_AT));
	return XDP_PASS;
}

SEC("?tcx/ingress")
int segment(struct __sk_buff *ctx)
{
	__u32 number;
	__u16 port;

	if (ctx->protocol == bpf_htons(0x0800) && !bpf_skb_load_bytes(ctx, 36, &port, sizeof(port)) && port == bpf_htons(PORT)
	    && !bpf_skb_load_bytes(ctx, NUMBER_AT, &number, sizeof(number)))
		mark(number);
	return -1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
