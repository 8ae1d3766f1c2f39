// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A program for each way of attaching to user programs, counting what one process does.

#include "counting.h"

const volatile __u32 pid;

static __always_inline int own(void)
{
	return bpf_get_current_pid_tgid() >> 32 == pid;
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
