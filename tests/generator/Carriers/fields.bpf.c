// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Reads of kernel structs. Those at the offset of this C are marked; those that are relocated are not.

#include <linux/bpf.h>
#include <linux/types.h>
#include <linux/socket.h>
#include <linux/in.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct mm_struct {
	long total_vm;
};

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct mm_struct *mm;
	char comm[16];
};

struct file {
	__u64 flags;
	struct inode *f_inode;
} __attribute__((preserve_access_index));

struct inode {
	__u64 i_ino;
};

struct linux_binprm {
	struct file *file;
	const char *filename;
} __attribute__((preserve_access_index));

struct own {
	__u64 time;
	__u32 tgid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct own);
} owned SEC(".maps");

__u64 out;

SEC("tp_btf/sched_switch")
int BPF_PROG(direct, _Bool preempt, struct task_struct *previous, struct task_struct *next)
{
	out = next->tgid;		/* wrong */
	return 0;
}

SEC("tp_btf/sched_switch")
int chained(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];
	struct task_struct *parent = task->real_parent;	/* wrong */

	if (parent)
		out = parent->tgid;	/* wrong */
	return 0;
}

SEC("fentry/do_exit")
int from_helper(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	out = task->pid;		/* wrong */
	return 0;
}

SEC("kprobe/do_exit")
int by_helper(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int tgid = 0;

	bpf_probe_read_kernel(&tgid, sizeof(tgid), &task->tgid);	/* wrong */
	out = tgid;
	return 0;
}

SEC("tp_btf/sched_switch")
int kept_over_calls(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];
	__u64 now = bpf_ktime_get_ns();

	if (now & 1)
		out = now;
	bpf_get_prandom_u32();
	out += task->tgid;		/* wrong */
	return 0;
}

#define TGID(task) ((task)->tgid)

SEC("tp_btf/sched_switch")
int by_macro(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	out = TGID(task);		/* wrong */
	return 0;
}

SEC("tp_btf/sched_switch")
int by_star(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	out = (*task).pid;		/* wrong */
	return 0;
}

SEC("lsm/file_open")
int BPF_PROG(half_way, struct file *file)
{
	struct inode *inode = file->f_inode;

	out = inode->i_ino;		/* wrong */
	return 0;
}

SEC("iter/task")
int walked(struct { void *meta; struct task_struct *task; } *ctx)
{
	struct task_struct *task = ctx->task;

	if (task)
		out = task->pid;	/* wrong */
	return 0;
}

SEC("tp_btf/sched_switch")
int followed(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	out = BPF_CORE_READ(task, tgid) + BPF_CORE_READ(task, mm, total_vm);
	return 0;
}

SEC("lsm/bprm_check_security")
int BPF_PROG(declared, struct linux_binprm *program)
{
	out = program->file->flags;
	return 0;
}

SEC("lsm/socket_connect")
int BPF_PROG(stable_address, void *socket, struct sockaddr_in *address, int length)
{
	out = address->sin_port + address->sin_family;
	return 0;
}

SEC("lsm/bpf")
int BPF_PROG(stable_command, int command, union bpf_attr *attributes, unsigned int size)
{
	out = attributes->map_type;
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(stable_registers, struct pt_regs *regs, long id)
{
	out = regs->rip;
	return 0;
}

SEC("tp_btf/sched_switch")
int own_memory(__u64 *ctx)
{
	__u32 key = 0;
	struct own *own = bpf_map_lookup_elem(&owned, &key);

	if (own)
		out = own->tgid;
	return 0;
}

SEC("fentry/vfs_read")
int number_behind_pointer(__u64 *ctx)
{
	__u64 *position = (void *)ctx[3];

	out = *position;
	return 0;
}

SEC("fentry/do_filp_open")
int text_behind_pointer(__u64 *ctx)
{
	const char *name = (void *)ctx[1];

	bpf_probe_read_kernel(&out, sizeof(out), name + 4);
	return 0;
}

SEC("raw_tp/sched_switch")
int raw(struct bpf_raw_tracepoint_args *ctx)
{
	out = ctx->args[1];
	return 0;
}

SEC("xdp")
int packet(struct xdp_md *ctx)
{
	struct own *own = (void *)(long)ctx->data;

	if ((void *)(own + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	out = own->tgid;
	return XDP_PASS;
}

SEC("tp_btf/sched_switch")
int one_of_two(__u64 *ctx)
{
	__u32 key = 0;
	struct own *own = (void *)ctx[1];

	if (out & 1)
		own = bpf_map_lookup_elem(&owned, &key);
	if (own)
		bpf_probe_read_kernel(&out, sizeof(own->time), &own->time);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
