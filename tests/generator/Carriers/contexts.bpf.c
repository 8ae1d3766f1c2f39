// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Parameters of programs; those that are not the context of their section say what is reported.

#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#define __TARGET_ARCH_x86
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

struct trace_entry {
	unsigned short type;
	unsigned char flags;
	unsigned char preempt_count;
	int pid;
};

struct trace_event_raw_sched_switch {
	struct trace_entry ent;
	char prev_comm[16];
	int prev_pid;
};

struct syscall_trace_enter {
	struct trace_entry ent;
	int nr;
	unsigned long args[];
};

/* Written down from a format file. */
struct own_record {
	unsigned short common_type;
	unsigned char common_flags;
	unsigned char common_preempt_count;
	int common_pid;
	long id;
};

struct own_arguments {
	__u64 preempt;
	struct task_struct *prev;
	struct task_struct *next;
};

struct xdp_md___local {
	__u32 data;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	void *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

struct bpf_iter__bpf_map {
	void *meta;
	void *map;
} __attribute__((preserve_access_index));

struct filename;
struct sk_buff;
struct undefined_here;
typedef _Bool bool;
typedef struct xdp_md packet_t;
typedef packet_t *packet_pointer_t;

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

__u64 seen;

#define RIGHT(section, name, parameter, value) SEC("?" section) int name(parameter) { seen += value; return 0; }

RIGHT("xdp", xdp_named, struct xdp_md *ctx, ctx->data)
RIGHT("xdp", xdp_void, void *ctx, *(__u32 *)ctx)
RIGHT("xdp", xdp_none, void, 1)
RIGHT("xdp", xdp_const, const struct xdp_md *const ctx, ctx->data)
RIGHT("xdp", xdp_typedef, packet_pointer_t ctx, ctx->data)
RIGHT("xdp", xdp_bytes, unsigned char *ctx, *ctx)
RIGHT("xdp", xdp_number, unsigned long ctx, *(__u32 *)ctx)
RIGHT("xdp.frags/devmap", xdp_entry, struct xdp_md *ctx, ctx->data)
RIGHT("tc", tc_named, struct __sk_buff *ctx, ctx->len)
RIGHT("cgroup/connect4", connect_named, struct bpf_sock_addr *ctx, ctx->user_port)
RIGHT("cgroup/sock_create", sock_named, struct bpf_sock *ctx, ctx->family)
RIGHT("cgroup/sysctl", sysctl_named, struct bpf_sysctl *ctx, ctx->write)
RIGHT("sk_reuseport", reuseport_named, struct sk_reuseport_md *ctx, ctx->len)
RIGHT("lirc_mode2", lirc_number, unsigned int *sample, *sample)
RIGHT("syscall", syscall_own, struct own_record *ctx, ctx->id)
RIGHT("freplace/of_another", replaced, struct task_struct *task, task->tgid)
RIGHT("perf_event", perf_named, struct bpf_perf_event_data *ctx, ctx->sample_period)
RIGHT("perf_event", perf_registers, struct pt_regs *ctx, PT_REGS_IP(ctx))
RIGHT("kprobe/do_unlinkat", kprobe_named, struct pt_regs *ctx, PT_REGS_PARM1(ctx))
RIGHT("uretprobe", uretprobe_const, const struct pt_regs *ctx, PT_REGS_RC(ctx))
RIGHT("usdt", usdt_void, const void *ctx, *(__u64 *)ctx)
RIGHT("kprobe/do_unlinkat", kprobe_array, unsigned long *registers, registers[0])
RIGHT("tp_btf/sched_switch", typed_u64, __u64 *ctx, ctx[0])
RIGHT("tp_btf/sched_switch", typed_raw, struct bpf_raw_tracepoint_args *ctx, ctx->args[0])
RIGHT("tp_btf/sched_switch", typed_own, struct own_arguments *ctx, ctx->preempt)
RIGHT("tp_btf/sched_switch", typed_pointers, struct task_struct **ctx, ctx[1] != 0)
RIGHT("fexit/do_unlinkat", fexit_long, unsigned long long *ctx, ctx[0])
RIGHT("fentry/do_unlinkat", fentry_undefined, struct undefined_here *ctx, *(__u64 *)ctx)
RIGHT("raw_tp/sched_switch", raw_named, struct bpf_raw_tracepoint_args *ctx, ctx->args[1])
RIGHT("raw_tracepoint.w/x", raw_writable, __u64 *ctx, ctx[0])
RIGHT("lsm_cgroup/socket_bind", lsm_cgroup, unsigned long long *ctx, ctx[0])
RIGHT("iter/task", iterator_named, struct bpf_iter__task *ctx, ctx->task != 0)
RIGHT("iter/task", iterator_u64, __u64 *ctx, ctx[0])
RIGHT("tracepoint/sched/sched_switch", record_named, struct trace_event_raw_sched_switch *ctx, ctx->prev_pid)
RIGHT("tracepoint/raw_syscalls/sys_enter", record_own, struct own_record *ctx, ctx->id)
RIGHT("tp/sched/sched_switch", record_u64, __u64 *ctx, ctx[1])

/* A context that only helpers get may have any type. */
RIGHT("raw_tp/sched_switch", unread, struct pt_regs *ctx, bpf_get_stackid(ctx, &stacks, 0))
RIGHT("tracepoint/sched/sched_switch", unused, struct pt_regs *ctx, 1)
RIGHT("xdp", unused_skb, struct __sk_buff *ctx, ctx != 0)

SEC("?xdp")
int unused_second(struct xdp_md *ctx, int other)
{
	return ctx->data != 0;
}

SEC("?xdp")
int xdp_flavour(struct xdp_md___local *ctx)
{
	return ctx->data != 0;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(by_macro, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return prev->tgid == next->tgid;
}

SEC("?lsm/file_open")
int BPF_PROG(lsm_by_macro, void *file, int ret)
{
	return ret;
}

SEC("?kprobe/do_unlinkat")
int BPF_KPROBE(probe_by_macro, int dfd, struct filename *name)
{
	seen += dfd + (name != 0);
	return 0;
}

/* A program may call another function with these types. */
static __attribute__((noinline)) int helper(struct task_struct *task, int other)
{
	return task->tgid + other;
}

SEC("?iter/task")
int calls(struct bpf_iter__task *ctx)
{
	return ctx->task ? helper(ctx->task, 1) != 0 : 0;
}

struct own_mixture {
	int first;
	int second;
};

#define WRONG(section, name, parameters, value) SEC("?" section) int name parameters { seen += value; return 0; }

WRONG("xdp", skb_in_xdp, (struct __sk_buff *skb), skb->len) /* wrong: 'struct __sk_buff *skb' | SEC("xdp") passes struct xdp_md *: | Write struct xdp_md *ctx, or SEC("tc") for struct __sk_buff. */
WRONG("tc", xdp_in_tc, (const packet_t *ctx), ctx->data) /* wrong: 'packet_t *ctx' | passes struct __sk_buff *: | Write struct __sk_buff *ctx, or SEC("xdp") for struct xdp_md. */
WRONG("xdp", header_in_xdp, (struct ethhdr *eth), eth->h_proto) /* wrong: 'struct ethhdr *eth' | Write struct xdp_md *ctx. */
WRONG("xdp", number_in_xdp, (int queue), queue) /* wrong: 'int queue' | Write struct xdp_md *ctx. */
WRONG("xdp", two_in_xdp, (struct xdp_md *ctx, int queue), ctx->data + queue) /* wrong: 'struct xdp_md *ctx, int queue' | Write struct xdp_md *ctx. */
WRONG("tcx/ingress", undefined_in_tcx, (struct sk_buff *skb), bpf_probe_read_kernel(&seen, sizeof(seen), skb)) /* wrong: 'struct sk_buff *skb' | Write struct __sk_buff *ctx. */
WRONG("cgroup/connect4", sock_in_connect, (struct bpf_sock *sk), sk->family) /* wrong: passes struct bpf_sock_addr *: | Write struct bpf_sock_addr *ctx, or SEC("cgroup/sock_create") for struct bpf_sock. */
WRONG("sockops", skb_in_sockops, (struct __sk_buff *ctx), ctx->mark) /* wrong: Write struct bpf_sock_ops *ctx, or SEC("tc") for struct __sk_buff. */
WRONG("perf_event", skb_in_perf_event, (struct __sk_buff *ctx), ctx->mark) /* wrong: Write struct bpf_perf_event_data *ctx, or SEC("tc") */
WRONG("kprobe/do_unlinkat", arguments_in_kprobe, (int dfd, struct filename *name), dfd + (name != 0)) /* wrong: Write int BPF_KPROBE(arguments_in_kprobe, int dfd, struct filename *name) of <bpf/bpf_tracing.h>. */
WRONG("kretprobe/do_unlinkat", number_in_kretprobe, (int ret), ret) /* wrong: Write int BPF_KRETPROBE(number_in_kretprobe, int ret) */
WRONG("ksyscall/openat", arguments_in_ksyscall, (int dfd, const char *name), bpf_probe_read_user(&seen, sizeof(seen), name)) /* wrong: Write int BPF_KSYSCALL(arguments_in_ksyscall, int dfd, char *name) */
WRONG("usdt", arguments_in_usdt, (int one, int two), two) /* wrong: Write int BPF_USDT(arguments_in_usdt, int one, int two) of <bpf/usdt.bpf.h>. */
WRONG("kprobe/do_unlinkat", record_in_kprobe, (struct trace_event_raw_sched_switch *ctx), ctx->prev_pid) /* wrong: Write struct pt_regs *ctx, or SEC("tracepoint/sched/sched_switch") for struct trace_event_raw_sched_switch. */
WRONG("uprobe", raw_in_uprobe, (struct bpf_raw_tracepoint_args *ctx), ctx->args[1]) /* wrong: Write struct pt_regs *ctx, or SEC("raw_tp/NAME") */
WRONG("raw_tp/sched_switch", record_in_raw, (struct trace_event_raw_sched_switch *ctx), ctx->prev_pid) /* wrong: passes the arguments of its target as 64-bit values (struct bpf_raw_tracepoint_args *): | Write int BPF_PROG(record_in_raw, …) of <bpf/bpf_tracing.h>, or SEC("tracepoint/sched/sched_switch") */
WRONG("raw_tp/sys_enter", system_call_in_raw, (struct syscall_trace_enter *ctx), ctx->nr) /* wrong: or SEC("tracepoint/syscalls/sys_enter_NAME") for struct syscall_trace_enter. */
WRONG("raw_tp/sys_enter", own_record_in_raw, (struct own_record *ctx), ctx->id) /* wrong: 'struct own_record *ctx' | Write int BPF_PROG(own_record_in_raw, …) of <bpf/bpf_tracing.h>, or SEC("tracepoint/raw_syscalls/sys_enter") for struct own_record. */
WRONG("fentry/do_unlinkat", mixture_in_fentry, (struct own_mixture *ctx), ctx->second) /* wrong: Write int BPF_PROG(mixture_in_fentry, …) of <bpf/bpf_tracing.h>, or SEC("tracepoint/CATEGORY/NAME") for struct own_mixture. */
WRONG("tp_btf/sched_switch", record_in_typed, (struct trace_event_raw_sched_switch *ctx), ctx->prev_pid) /* wrong: passes the arguments of its target as 64-bit values: */
WRONG("tp_btf/sched_process_exit", task_in_typed, (struct task_struct *task), BPF_CORE_READ(task, tgid)) /* wrong: Write int BPF_PROG(task_in_typed, struct task_struct *task) of <bpf/bpf_tracing.h>. */
WRONG("fentry/do_unlinkat", registers_in_fentry, (struct pt_regs *ctx), PT_REGS_PARM1(ctx)) /* wrong: Write int BPF_PROG(registers_in_fentry, …) of <bpf/bpf_tracing.h>, or SEC("kprobe/FUNCTION") for struct pt_regs. */
WRONG("fentry/do_unlinkat", arguments_in_fentry, (int dfd, struct filename *name), name != 0) /* wrong: Write int BPF_PROG(arguments_in_fentry, int dfd, struct filename *name) */
WRONG("tp_btf/sched_switch", flag_in_typed, (_Bool preempt), preempt) /* wrong: Write int BPF_PROG(flag_in_typed, _Bool preempt) */
WRONG("lsm/file_open", skb_in_lsm, (struct __sk_buff *ctx), ctx->len) /* wrong: Write int BPF_PROG(skb_in_lsm, …) */
WRONG("iter/task", map_in_iterator, (struct bpf_iter__bpf_map *ctx), ctx->map != 0) /* wrong: Write struct bpf_iter__task *ctx, or SEC("iter/bpf_map") for struct bpf_iter__bpf_map. */
WRONG("tracepoint/sched/sched_switch", registers_in_record, (struct pt_regs *ctx), PT_REGS_PARM2(ctx)) /* wrong: passes the record of the tracepoint: | Write a pointer to a struct with the fields of the record, or SEC("kprobe/FUNCTION") for struct pt_regs. */
WRONG("tracepoint/sched/sched_switch", arguments_in_record, (__u64 preempt, struct task_struct *prev), BPF_CORE_READ(prev, tgid)) /* wrong: '__u64 preempt, struct task_struct *prev' */

SEC("?kprobe/do_unlinkat")
int BPF_PROG(macro_in_kprobe, int dfd) /* wrong: 'BPF_PROG(macro_in_kprobe, …)' | Write int BPF_KPROBE(macro_in_kprobe, …) of <bpf/bpf_tracing.h>. */
{
	seen += dfd;
	return 0;
}

SEC("?tracepoint/sched/sched_switch")
int BPF_PROG(macro_in_record, bool preempt, struct task_struct *prev) /* wrong: Write SEC("tp_btf/sched_switch"), or a pointer to a struct with the fields of the record. */
{
	return prev->tgid;
}

SEC("?xdp")
int BPF_PROG(macro_in_xdp, struct xdp_md *packet) /* wrong: Write struct xdp_md *ctx. */
{
	seen += packet != 0;
	return 0;
}

SEC("?xdp")
int reads(struct task_struct *task)
{
	return task->tgid; /* wrong: 'struct task_struct *task' | Write struct xdp_md *ctx. */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
