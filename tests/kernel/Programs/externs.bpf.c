// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the kernel provides: options, addresses, variables, functions; there, weak and missing. Each program returns one to userspace.

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig;
extern bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;
extern int LINUX_HAS_NO_SUCH_THING __kconfig __weak;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern enum libbpf_tristate CONFIG_BPF __kconfig;
extern char CONFIG_BPF_JIT __kconfig;
extern __u16 CONFIG_HZ __kconfig;
extern char CONFIG_CC_VERSION_TEXT[12] __kconfig;
extern __u64 CONFIG_NO_SUCH_OPTION __kconfig __weak;
extern const void schedule __ksym;
extern const void no_such_symbol __ksym __weak;

__u64 version, cookie, wrapper, nothing;
__u64 syscall, tristate, letter, hz, missing;
char compiler[12];
__u64 address, absent, done;

SEC("raw_tp/sched_switch")
int read(void *ctx)
{
	int i;

	version = LINUX_KERNEL_VERSION;
	cookie = LINUX_HAS_BPF_COOKIE;
	wrapper = LINUX_HAS_SYSCALL_WRAPPER;
	nothing = LINUX_HAS_NO_SUCH_THING;
	syscall = CONFIG_BPF_SYSCALL;
	tristate = CONFIG_BPF;
	letter = CONFIG_BPF_JIT;
	hz = CONFIG_HZ;
	missing = CONFIG_NO_SUCH_OPTION;
	for (i = 0; i < sizeof(compiler); i++)
		compiler[i] = CONFIG_CC_VERSION_TEXT[i];
	address = (__u64)&schedule;
	absent = (__u64)&no_such_symbol;
	done = 1;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
