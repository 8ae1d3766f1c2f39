// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Reads of what a process passed. Those with a helper for kernel memory are marked.

#define __TARGET_ARCH_x86
#include <linux/bpf.h>
#include <linux/types.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct sys_enter {
	__u64 common;
	__s64 number;
	__u64 args[6];
};

struct pair {
	__u64 first;
	__u64 second;
} __attribute__((preserve_access_index));

char name[64];
__u64 out;

SEC("tracepoint/syscalls/sys_enter_openat")
int direct(struct sys_enter *ctx)
{
	bpf_probe_read_kernel_str(name, sizeof(name), (const char *)ctx->args[1]);	/* wrong */
	return 0;
}

SEC("tp/syscalls/sys_enter_openat")
int right(struct sys_enter *ctx)
{
	bpf_probe_read_user_str(name, sizeof(name), (const char *)ctx->args[1]);
	bpf_probe_read_kernel(&out, sizeof(out), ctx);
	return 0;
}

SEC("tp/raw_syscalls/sys_enter")
int behind_a_branch(struct sys_enter *ctx)
{
	const char *text = (const char *)ctx->args[1];

	if (ctx->number != 257)
		out++;
	if (!text)
		return 0;
	bpf_probe_read_kernel_str(name, sizeof(name), text + 4);	/* wrong */
	return 0;
}

SEC("tp/syscalls/sys_enter_openat")
int by_macro(struct sys_enter *ctx)
{
	out = BPF_CORE_READ((struct pair *)ctx->args[1], second);	/* wrong */
	return 0;
}

/* What a call of a process points to is only known as such where it was not read from elsewhere. */
SEC("tp/syscalls/sys_enter_execve")
int through_its_memory(struct sys_enter *ctx)
{
	char **arguments = (char **)ctx->args[1];
	char *first;

	bpf_probe_read_user(&first, sizeof(first), arguments);
	bpf_probe_read_user_str(name, sizeof(name), first);
	return 0;
}

SEC("uprobe//bin/sh:main")
int BPF_KPROBE(of_a_function, char *text)
{
	bpf_probe_read_kernel_str(name, sizeof(name), text);	/* wrong */
	bpf_probe_read_user_str(name, sizeof(name), text);
	return 0;
}

SEC("ksyscall/openat")
int BPF_KSYSCALL(of_a_system_call, int folder, const char *text)
{
	bpf_probe_read_kernel_str(name, sizeof(name), text);	/* wrong */
	return 0;
}

SEC("ksyscall/openat")
int BPF_KSYSCALL(of_a_system_call_right, int folder, const char *text)
{
	bpf_probe_read_user_str(name, sizeof(name), text);
	return 0;
}

SEC("raw_tp/sys_enter")
int of_any_system_call(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *registers = (struct pt_regs *)ctx->args[0];
	const char *text = (const char *)PT_REGS_PARM2_CORE_SYSCALL(registers);

	if (ctx->args[1] == 257)
		bpf_probe_read_kernel_str(name, sizeof(name), text);	/* wrong */
	else
		bpf_probe_read_user_str(name, sizeof(name), text);
	return 0;
}

/* Its pointers are the kernel's. */
SEC("tp/sched/sched_process_exec")
int of_the_kernel(struct sys_enter *ctx)
{
	bpf_probe_read_kernel_str(name, sizeof(name), (const char *)ctx->args[1]);
	return 0;
}

SEC("kprobe/do_sys_openat2")
int BPF_KPROBE(of_a_kernel_function, int folder, const char *text, struct pair *how)
{
	out = BPF_CORE_READ(how, first);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
