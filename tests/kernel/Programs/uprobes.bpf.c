// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A program for each way of attaching to user programs, counting what one process does.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 pid;
__u64 hits;
__u64 cookies;

static __always_inline int own(void)
{
	return bpf_get_current_pid_tgid() >> 32 == pid;
}

static __always_inline int hit(void)
{
	if (own())
		__atomic_fetch_add(&hits, 1, __ATOMIC_RELAXED);
	return 0;
}

static __always_inline int hit_cookie(void *ctx)
{
	if (own()) {
		__atomic_fetch_add(&hits, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&cookies, bpf_get_attach_cookie(ctx), __ATOMIC_RELAXED);
	}
	return 0;
}

#define PROGRAM(name, section)				\
	SEC("?" section)				\
	int name(void *ctx)				\
	{						\
		return hit();				\
	}

#define COOKIE_PROGRAM(name, section)			\
	SEC("?" section)				\
	int name(void *ctx)				\
	{						\
		return hit_cookie(ctx);			\
	}

PROGRAM(entry, "uprobe")
PROGRAM(exit_of, "uretprobe")
PROGRAM(entry_sleepable, "uprobe.s")
PROGRAM(exit_sleepable, "uretprobe.s")
COOKIE_PROGRAM(cookie, "uprobe")
PROGRAM(library, "uprobe/libc.so.6:getppid")
PROGRAM(no_function, "uprobe/libc.so.6:getppidd")
PROGRAM(no_library, "uprobe/libnosuchthing.so.1:getppid")

PROGRAM(multi, "uprobe.multi")
PROGRAM(multi_exit, "uretprobe.multi")
PROGRAM(multi_sleepable, "uprobe.multi.s")
PROGRAM(multi_exit_sleepable, "uretprobe.multi.s")
COOKIE_PROGRAM(multi_cookie, "uprobe.multi")
PROGRAM(session, "uprobe.session")
PROGRAM(session_sleepable, "uprobe.session.s")

char LICENSE[] SEC("license") = "Dual BSD/GPL";
