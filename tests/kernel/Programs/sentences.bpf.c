// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// One mistake in each program, each with another message of the verifier. There is assembly where clang would correct the mistake or warn about it.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define SIDE_EFFECT(x) asm volatile("" : "+r"(x))

struct pair {
	__u64 first;
	__u64 second;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, struct pair);
} pairs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[4]);
} quads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, __u64);
} readable SEC(".maps");

struct guarded {
	struct bpf_spin_lock lock;
	__u32 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guarded);
} locks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");

const volatile __u64 limit = 3;
__u64 out;

/* The offsets are wrong on purpose. */
struct task_struct {
	char before[1 << 20];
	__u64 behind;
};

/* struct bpf_iter_num, which the headers have since 6.4; as a flavour, so that it does not conflict with theirs. */
struct bpf_iter_num___here {
	__u64 __opaque[1];
};

struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym __weak;
void bpf_task_release(struct task_struct *task) __ksym __weak;
int *bpf_iter_num_next(struct bpf_iter_num___here *it) __ksym __weak;

SEC("?xdp")
int null_pointer(struct xdp_md *ctx)
{
	__u64 key = 1;
	struct pair *pair = bpf_map_lookup_elem(&pairs, &key);

	return pair->second;
}

SEC("?xdp")
int null_arithmetic(struct xdp_md *ctx)
{
	__u64 key = 1;
	char *value = bpf_map_lookup_elem(&pairs, &key);

	asm volatile("%0 += 8" : "+r"(value));
	return value ? *value : 0;
}

SEC("?raw_tp/sched_switch")
int number_as_pointer(struct bpf_raw_tracepoint_args *ctx)
{
	return *(int *)ctx->args[1];
}

SEC("?xdp")
int on_pointers(struct xdp_md *ctx)
{
	asm volatile("r1 &= 7; r0 = 2" ::: "r0", "r1");
	return 0;
}

SEC("?xdp")
int nothing_written(struct xdp_md *ctx)
{
	__u64 x;

	asm volatile("%0 = r7" : "=r"(x));
	return x;
}

SEC("?xdp")
int stack_overrun(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_update_elem(&quads, &key, &key, 0);
}

SEC("?xdp")
int stack_outside(struct xdp_md *ctx)
{
	asm volatile("r2 = 1; *(u64 *)(r10 - 520) = r2" ::: "r2");
	return 0;
}

static __attribute__((noinline)) int deep(__u64 *values)
{
	volatile __u64 many[40] = {};

	return many[*values & 1];
}

SEC("?xdp")
int stack_combined(struct xdp_md *ctx)
{
	volatile __u64 many[40] = {};
	__u64 copy = many[ctx->rx_queue_index & 1];

	return deep(&copy) + many[0];
}

SEC("?xdp")
int stack_variable(struct xdp_md *ctx)
{
	__u64 index = bpf_get_prandom_u32();

	asm volatile("r2 = r10; r2 += %0; r3 = 0; *(u8 *)(r2 - 8) = r3" : "+r"(index) :: "r2", "r3");
	return 0;
}

SEC("?xdp")
int value_overrun(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *quad = bpf_map_lookup_elem(&quads, &key);

	return quad ? *(volatile __u64 *)(quad + 4) : 0;
}

SEC("?xdp")
int value_unlimited(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *quad = bpf_map_lookup_elem(&quads, &key);

	return quad ? *(volatile __u64 *)(quad + ctx->rx_queue_index) : 0;
}

SEC("?xdp")
int value_negative(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u8 *quad = bpf_map_lookup_elem(&quads, &key);
	__s64 index = (__s32)bpf_get_prandom_u32();

	if (!quad || index > 3)
		return 0;
	return *(volatile __u8 *)(quad + index);
}

SEC("?xdp")
int value_unknown(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u8 *quad = bpf_map_lookup_elem(&quads, &key);
	__u64 index = bpf_ktime_get_ns();

	return quad ? *(volatile __u8 *)(quad + index) : 0;
}

SEC("?xdp")
int record_overrun(struct xdp_md *ctx)
{
	char *record = bpf_ringbuf_reserve(&ring, 8, 0);

	if (!record)
		return 0;
	*(volatile char *)(record + 8) = 1;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("?raw_tp/sched_switch")
int length_zero(void *ctx)
{
	char text[16] = {};
	__u64 length = bpf_get_prandom_u32() & 15;

	asm volatile("r1 = 6; r2 = %0; r2 += 0; r1 = %1; call 6" :: "r"(length), "r"(&text) : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
	return 0;
}

SEC("?raw_tp/sched_switch")
int length_unlimited(void *ctx)
{
	char text[16];

	return bpf_probe_read_kernel(text, bpf_get_prandom_u32(), ctx);
}

SEC("?raw_tp/sched_switch")
int length_negative(void *ctx)
{
	char text[16];
	__s64 length = (__s32)bpf_get_prandom_u32();

	if (length > 15)
		return 0;
	SIDE_EFFECT(length);
	return bpf_probe_read_kernel(text, length, ctx);
}

SEC("?xdp")
int packet_unchecked(struct xdp_md *ctx)
{
	return *(volatile __u8 *)(long)ctx->data;
}

SEC("?cgroup_skb/egress")
int packet_written(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;

	if ((void *)(data + 1) > (void *)(long)skb->data_end)
		return 1;
	*data = 1;
	return 1;
}

SEC("?xdp")
int map_written(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&readable, &key);

	if (value)
		*value = 1;
	return 0;
}

SEC("?xdp")
int const_written(struct xdp_md *ctx)
{
	*(volatile __u64 *)&limit = 4;
	return 0;
}

SEC("?tp_btf/sched_switch")
int kernel_written(__u64 *ctx)
{
	*(volatile int *)ctx[1] = 1;
	return 0;
}

SEC("?tp_btf/sched_switch")
int struct_overrun(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	return task->behind;
}

SEC("?tp_btf/sched_switch")
int argument_missing(__u64 *ctx)
{
	return ctx[9];
}

SEC("?socket")
int context_field(struct __sk_buff *skb)
{
	return *(volatile __u32 *)((char *)skb + 4096);
}

SEC("?xdp")
int context_moved(struct xdp_md *ctx)
{
	asm volatile("r1 += 4; r0 = *(u32 *)(r1 + 8)" ::: "r0", "r1");
	return 0;
}

SEC("?xdp")
int stack_misaligned(struct xdp_md *ctx)
{
	asm volatile("r2 = 0; *(u64 *)(r10 - 13) = r2" ::: "r2");
	return 0;
}

SEC("?tc")
int packet_stale(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	__u8 zero[4] = {};

	if ((void *)(data + 14) > (void *)(long)skb->data_end)
		return 0;
	bpf_skb_store_bytes(skb, 0, zero, sizeof(zero), 0);
	return data[12];
}

SEC("?xdp")
int packet_moved(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;

	if ((void *)(data + 14) > (void *)(long)ctx->data_end || bpf_xdp_adjust_head(ctx, -4))
		return XDP_PASS;
	return data[12] ? XDP_DROP : XDP_PASS;
}

SEC("?xdp")
int pointer_shifted(struct xdp_md *ctx)
{
	asm volatile("r2 = r10; r2 <<= 1" ::: "r2");
	return 0;
}

SEC("?xdp")
int pointer_cut(struct xdp_md *ctx)
{
	asm volatile("r2 = r10; w2 += 1" ::: "r2");
	return 0;
}

SEC("?cgroup_skb/egress")
long pointer_returned(struct __sk_buff *ctx)
{
	return (long)ctx;
}

SEC("?xdp")
int context_counted(struct xdp_md *ctx)
{
	asm volatile("r2 = 1; lock *(u32 *)(r1 + 16) += r2" ::: "r2", "memory");
	return 0;
}

SEC("?xdp")
int context_indexed(struct xdp_md *ctx)
{
	asm volatile("r6 = r1; call %[random]; r0 &= 4; r6 += r0; r0 = *(u32 *)(r6 + 0)" :: [random]"i"(BPF_FUNC_get_prandom_u32) : "r0", "r1", "r2", "r3", "r4", "r5", "r6");
	return 0;
}

extern void bpf_rcu_read_lock(void) __ksym __weak;

SEC("?tp_btf/sched_switch")
int section_kept(void *ctx)
{
	bpf_rcu_read_lock();
	return 0;
}

SEC("?raw_tp/sched_switch")
int lock_in_tracing(void *ctx)
{
	__u32 key = 0;
	struct guarded *guarded = bpf_map_lookup_elem(&locks, &key);

	if (!guarded)
		return 0;
	bpf_spin_lock(&guarded->lock);
	bpf_spin_unlock(&guarded->lock);
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

static __noinline int tail(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &jumps, 0);
	return XDP_PASS;
}

SEC("?xdp")
int stack_and_tail_call(struct xdp_md *ctx)
{
	asm volatile("r2 = 0; *(u64 *)(r10 - 304) = r2" ::: "r2", "memory");
	return tail(ctx);
}

SEC("?xdp")
int loop_endless(struct xdp_md *ctx)
{
	asm volatile("r0 = 0; 1: r0 = 1; goto 1b" ::: "r0");
	return 0;
}

SEC("?xdp")
int loop_stuck(struct xdp_md *ctx)
{
	__u64 x = bpf_get_prandom_u32();

	while (x > 5)
		SIDE_EFFECT(x);
	return 0;
}

SEC("?xdp")
int loop_long(struct xdp_md *ctx)
{
	__u64 sum = 0;

	for (int i = 0; i < 10000000; i++) {
		sum += bpf_get_prandom_u32() & i;
		SIDE_EFFECT(sum);
	}
	out = sum;
	return 0;
}

SEC("?xdp")
int loop_branches(struct xdp_md *ctx)
{
	__u64 sum = 0;

	for (int i = 0; i < 300000; i++) {
		if (bpf_get_prandom_u32() & 1)
			sum += 3;
		else
			sum ^= i;
		SIDE_EFFECT(sum);
	}
	out = sum;
	return 0;
}

SEC("?xdp")
int code_unreachable(struct xdp_md *ctx)
{
	asm volatile("r0 = 0; exit; r0 = 1" ::: "r0");
	return 0;
}

SEC("?xdp")
int call_pointer(struct xdp_md *ctx)
{
	__u64 target = bpf_get_prandom_u32();

	asm volatile(".8byte 0x000000000000028d" :: "r"(target) : "r0", "r1", "r2", "r3", "r4", "r5");
	return 0;
}

SEC("?xdp")
int map_of_wrong_type(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&perf, &key) != 0;
}

SEC("?xdp")
int map_without_keys(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&ring, &key) != 0;
}

SEC("?raw_tp/sched_switch")
int kernel_function_elsewhere(void *ctx)
{
	return bpf_task_acquire((void *)ctx) != 0;
}

SEC("?tp_btf/sched_switch")
int may_not_sleep(__u64 *ctx)
{
	char text[8];

	return bpf_copy_from_user(text, sizeof(text), (void *)8);
}

__attribute__((noinline)) int step(__u64 *value)
{
	return value ? *value : 0;
}

SEC("?xdp")
int passes_context(struct xdp_md *ctx)
{
	return step((void *)ctx);
}

SEC("?xdp")
int passes_number(struct xdp_md *ctx)
{
	__u64 number = bpf_get_prandom_u32();

	asm volatile("" : "+r"(number));
	return bpf_map_lookup_elem(&pairs, (void *)number) != 0;
}

SEC("?xdp")
int record_kept(struct xdp_md *ctx)
{
	bpf_ringbuf_reserve(&ring, 8, 0);
	return 0;
}

SEC("?tc")
int lock_kept(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct guarded *guarded = bpf_map_lookup_elem(&locks, &key);

	if (guarded)
		bpf_spin_lock(&guarded->lock);
	return 0;
}

SEC("?tc")
int lock_call(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct guarded *guarded = bpf_map_lookup_elem(&locks, &key);

	if (!guarded)
		return 0;
	bpf_spin_lock(&guarded->lock);
	guarded->value = bpf_get_prandom_u32();
	bpf_spin_unlock(&guarded->lock);
	return 0;
}

SEC("?xdp")
int dynptr_unmade(struct xdp_md *ctx)
{
	struct bpf_dynptr none = {};
	char text[8];

	return bpf_dynptr_read(text, sizeof(text), &none, 0, 0);
}

SEC("?raw_tp/sched_switch")
int iterator_unmade(void *ctx)
{
	__u64 none[1] = {};

	return bpf_iter_num_next((struct bpf_iter_num___here *)none) != 0;
}

SEC("?cgroup_skb/egress")
int result_unknown(struct __sk_buff *skb)
{
	return bpf_get_prandom_u32();
}

SEC("?cgroup_skb/egress")
int result_outside(struct __sk_buff *skb)
{
	return 9;
}

SEC("?tp_btf/sched_switch")
int pointer_untrusted(__u64 *ctx)
{
	struct task_struct *other = bpf_task_acquire((void *)bpf_get_current_task());

	if (other)
		bpf_task_release(other);
	return 0;
}

SEC("?tp_btf/task_newtask")
int null_passed(__u64 *ctx)
{
	bpf_task_release(bpf_task_acquire((void *)ctx[0]));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
