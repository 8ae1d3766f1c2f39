// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One of everything the loader reads: externs, an operations table, maps of maps and of programs with values, tags, floats, wide enums,
// callbacks, globals of all sections. For damaging.
//   clang-22 -target bpf -mcpu=v3 -O2 -g -fdebug-compilation-dir=. -c wide.bpf.c -o wide.bpf.o && llvm-strip -g wide.bpf.o

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern _Bool CONFIG_BPF_SYSCALL __kconfig __weak;
extern char CONFIG_DEFAULT_HOSTNAME[16] __kconfig __weak;
extern const void bpf_link_fops __ksym __weak;
extern const int runqueues __ksym __weak;
extern void bpf_rcu_read_lock(void) __ksym __weak;

enum wide { NEAR = 1, FAR = 1ull << 40 };
enum mood { BAD = -1, GOOD = 1 };

struct value {
	double exact;
	enum wide wide;
	enum mood mood : 4;
	unsigned bits : 9;
	int __attribute__((btf_type_tag("user"))) *where;
	union {
		struct { char a, b; };
		short ab;
	};
	int (*call)(struct value *, const char *, ...);
	char tail[];
} __attribute__((btf_decl_tag("of interest")));

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [0] = &first, [3] = &second } };

int leaf(struct __sk_buff *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, int (struct __sk_buff *));
} calls SEC(".maps") = { .values = { [2] = (void *)&leaf } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u64);
	__type(value, struct value);
} values SEC(".maps");

struct tcp_congestion_ops___mine {
	__u32 (*ssthresh)(void *sk);
	char name[16];
} __attribute__((preserve_access_index));

struct task_struct {
	int pid;
	struct task_struct *parent;
} __attribute__((preserve_access_index));

const volatile __u32 limit = 7;
static volatile __u64 hidden;
__u64 totals[4] SEC(".data.own") = { 1, 2, 3, 4 };
__u64 counted;

static __noinline long each(__u32 index, void *ctx)
{
	hidden += index;
	return index > limit;
}

__noinline int global(struct __sk_buff *ctx)
{
	counted += bpf_loop(8, each, 0, 0);
	return totals[ctx->len & 3];
}

SEC("tc")
int leaf(struct __sk_buff *ctx)
{
	if (CONFIG_BPF_SYSCALL)
		bpf_tail_call(ctx, &calls, 2);
	return global(ctx);
}

SEC("?raw_tp/sched_switch")
int tick(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 key = BPF_CORE_READ(task, parent, pid) + LINUX_KERNEL_VERSION + CONFIG_DEFAULT_HOSTNAME[0];
	struct value *value = bpf_map_lookup_elem(&values, &key);
	__u32 zero = 0;

	if (value)
		value->wide = FAR;
	if (&bpf_link_fops)
		hidden++;
	if (bpf_rcu_read_lock)
		bpf_rcu_read_lock();
	bpf_map_lookup_elem(&outer, &zero);
	return bpf_core_field_exists(task->parent);
}

SEC("struct_ops/mine_ssthresh")
__u32 mine_ssthresh(__u64 *ctx)
{
	return 2;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops___mine mine = {
	.ssthresh = (void *)mine_ssthresh,
	.name = "mine",
};

char LICENSE[] SEC("license") = "GPL";
