// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Everything an object can declare extern. Compiled in this folder:
//   clang-22 -O2 -g -target bpf -mcpu=v3 -fdebug-compilation-dir=. -I/usr/include/x86_64-linux-gnu -c externs.bpf.c -o externs.bpf.o && llvm-strip -g externs.bpf.o

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
};

extern bool CONFIG_BOOL __kconfig;
extern enum libbpf_tristate CONFIG_TRI __kconfig;
extern char CONFIG_LETTER __kconfig;
extern __s16 CONFIG_SHORT __kconfig;
extern __u32 CONFIG_WORD __kconfig;
extern __u64 CONFIG_LONG __kconfig;
extern char CONFIG_TEXT[5] __kconfig;
extern int CONFIG_WEAK __kconfig __weak;
extern int LINUX_KERNEL_VERSION __kconfig;
extern const void untyped __ksym __weak;
extern const struct task_struct variable __ksym __weak;
extern struct task_struct *function___flavour(__s32 number, __s32) __ksym __weak;

__u64 sum;

SEC("socket")
int read(void *ctx)
{
	sum = CONFIG_BOOL + CONFIG_TRI + CONFIG_LETTER + CONFIG_SHORT + CONFIG_WORD + CONFIG_LONG + CONFIG_TEXT[1] + CONFIG_WEAK + LINUX_KERNEL_VERSION;
	sum += (__u64)&untyped + (__u64)&variable;
	if (function___flavour)
		sum += (__u64)function___flavour(1, 2);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
