// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A program for each way of attaching to the kernel, counting what one thread does. Each test switches on the one it is about.

#include "counting.h"

const volatile __u32 tid;
const volatile __u64 wanted;	/* a system call, or the option of one */

static __always_inline int own(void)
{
	return (__u32)bpf_get_current_pid_tgid() == tid;
}

PROGRAM(entry, "kprobe/__x64_sys_getpgid")
PROGRAM(bare_entry, "kprobe")
PROGRAM(exit_of, "kretprobe/__x64_sys_getpgid")
COOKIE_PROGRAM(cookie_entry, "kprobe/__x64_sys_getpgid")
PROGRAM(no_such_function, "kprobe/__x64_sys_getpgidd")

PROGRAM(multi, "kprobe.multi/__x64_sys_?etpgid")
PROGRAM(multi_exit, "kretprobe.multi/__x64_sys_?etpgid")
COOKIE_PROGRAM(multi_cookie, "kprobe.multi")
PROGRAM(session, "kprobe.session/__x64_sys_?etpgid")

PROGRAM(call_entry, "ksyscall/getpgid")
PROGRAM(call_exit, "kretsyscall/getpgid")

PROGRAM(tp_long, "tracepoint/syscalls/sys_enter_getpgid")
PROGRAM(tp_short, "tp/syscalls/sys_exit_getpgid")
COOKIE_PROGRAM(tp_cookie, "tp/syscalls/sys_enter_getpgid")
PROGRAM(tp_long_sleepable, "tracepoint.s/syscalls/sys_enter_getpgid")
PROGRAM(tp_short_sleepable, "tp.s/syscalls/sys_exit_getpgid")

/* The number of the call is the second argument of sys_enter; sys_exit has it in the registers only. */
#define CALL_PROGRAM(name, section, count)		\
	SEC("?" section)				\
	int name(__u64 *ctx)				\
	{						\
		return ctx[1] == wanted ? count : 0;	\
	}

CALL_PROGRAM(raw_long, "raw_tracepoint/sys_enter", hit())
CALL_PROGRAM(raw_short, "raw_tp/sys_enter", hit())
CALL_PROGRAM(raw_cookie, "raw_tp/sys_enter", hit_cookie(ctx))
CALL_PROGRAM(raw_long_sleepable, "raw_tracepoint.s/sys_enter", hit())
CALL_PROGRAM(raw_short_sleepable, "raw_tp.s/sys_enter", hit())
CALL_PROGRAM(typed, "tp_btf/sys_enter", hit())
CALL_PROGRAM(typed_cookie, "tp_btf/sys_enter", hit_cookie(ctx))
CALL_PROGRAM(typed_sleepable, "tp_btf.s/sys_enter", hit())

/* What a test run ends with: the kernel lets the program change it. */
#define WRITE_PROGRAM(name, section)			\
	SEC("?" section)				\
	int name(__u64 *ctx)				\
	{						\
		if (own()) {				\
			*(int *)ctx[0] = -7;		\
			hit();				\
		}					\
		return 0;				\
	}

WRITE_PROGRAM(write_long, "raw_tracepoint.w/bpf_test_finish")
WRITE_PROGRAM(write_short, "raw_tp.w/bpf_test_finish")

PROGRAM(function_entry, "fentry/__x64_sys_getpgid")
COOKIE_PROGRAM(function_cookie, "fentry/__x64_sys_getpgid")
PROGRAM(function_exit, "fexit/__x64_sys_getpgid")
PROGRAM(function_entry_sleepable, "fentry.s/__x64_sys_getpgid")
PROGRAM(function_exit_sleepable, "fexit.s/__x64_sys_getpgid")
PROGRAM(function_session, "fsession/__x64_sys_getpgid")
PROGRAM(function_session_sleepable, "fsession.s/__x64_sys_getpgid")
PROGRAM(many_entries, "fentry.multi/__x64_sys_?etpgid")
COOKIE_PROGRAM(many_cookies, "fentry.multi")
PROGRAM(many_exits, "fexit.multi/__x64_sys_?etpgid")
PROGRAM(many_sessions, "fsession.multi/__x64_sys_?etpgid")
PROGRAM(many_entries_sleepable, "fentry.multi.s/__x64_sys_?etpgid")
PROGRAM(many_exits_sleepable, "fexit.multi.s/__x64_sys_?etpgid")
PROGRAM(many_sessions_sleepable, "fsession.multi.s/__x64_sys_?etpgid")

#define REFUSING_PROGRAM(name, section)			\
	SEC("?" section)				\
	int name(__u64 *ctx)				\
	{						\
		hit();					\
		return own() ? -13 : 0;			\
	}

REFUSING_PROGRAM(result, "fmod_ret/security_task_getpgid")
REFUSING_PROGRAM(security, "lsm/task_getpgid")

/* Those two hooks have an option that nobody uses; it tells the test's calls from others. */
#define REFUSING_OPTION_PROGRAM(name, section)		\
	SEC("?" section)				\
	int name(__u64 *ctx)				\
	{						\
		if (ctx[0] != wanted)			\
			return 0;			\
		hit();					\
		return own() ? -13 : 0;			\
	}

REFUSING_OPTION_PROGRAM(security_sleepable, "lsm.s/task_prctl")

SEC("?fmod_ret.s/__x64_sys_getpgid")
long result_sleepable(void *ctx)	/* as the system call: a 32-bit result would come out positive */
{
	hit();
	return own() ? -13L : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
