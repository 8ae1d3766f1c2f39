// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Files that were opened, unlinked and renamed, by system call and by io_uring, with their errors; on request an event with the path for each.
//
// A system call is counted when it returns, where its number and its result are known together. All programs run where a task may be preempted, so each
// counter is increased by an atomic addition.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/optional.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>

#define RESULTS 128		/* 0: no error, else the error's number; the last one has all greater errors */
#define TS_COMPAT 2		/* a system call of a 32-bit program on a 64-bit kernel of x86, which has other numbers */
#define PATH 256

enum operation { OPERATION_OPEN, OPERATION_UNLINK, OPERATION_RENAME, OPERATIONS };

/* The system calls. C# has the same order; 11 to 13 are the operations of io_uring, when they are complete. */
enum call {
	CALL_OPEN, CALL_CREAT, CALL_OPENAT, CALL_OPENAT2, CALL_OPEN_BY_HANDLE_AT,
	CALL_UNLINK, CALL_RMDIR, CALL_UNLINKAT,
	CALL_RENAME, CALL_RENAMEAT, CALL_RENAMEAT2,
	RING_OPEN, RING_UNLINK, RING_RENAME,
	CALLS,
};

#define IORING_OP_OPENAT 18
#define IORING_OP_OPENAT2 28
#define IORING_OP_RENAMEAT 35
#define IORING_OP_UNLINKAT 36

struct pt_regs;

struct pt_regs___x86 {
	unsigned long r10;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
} __attribute__((preserve_access_index));

struct pt_regs___arm64 {
	__u64 regs[31];
	__s32 syscallno;
} __attribute__((preserve_access_index));

struct thread_info {
	__u32 status;
} __attribute__((preserve_access_index));

struct task_struct {
	struct thread_info thread_info;
} __attribute__((preserve_access_index));

struct syscall_trace_exit {
	long ret;
} __attribute__((preserve_access_index));

struct filename {
	const char *name;
} __attribute__((preserve_access_index));

struct io_open {
	struct filename *filename;
} __attribute__((preserve_access_index));

struct io_unlink {
	struct filename *filename;
} __attribute__((preserve_access_index));

struct io_rename {
	struct filename *oldpath;
	struct filename *newpath;
} __attribute__((preserve_access_index));

/* The form of 7.2; 6.18 has the one above. */
struct delayed_filename {
	struct filename *__incomplete_filename;
} __attribute__((preserve_access_index));

struct io_open___delayed {
	struct delayed_filename filename;
} __attribute__((preserve_access_index));

struct io_unlink___delayed {
	struct delayed_filename filename;
} __attribute__((preserve_access_index));

struct io_rename___delayed {
	struct delayed_filename oldpath;
	struct delayed_filename newpath;
} __attribute__((preserve_access_index));

struct io_cmd_data {
	char data[56];
} __attribute__((preserve_access_index));

struct io_kiocb {
	struct io_cmd_data cmd;		/* since 6.0 */
	__u8 opcode;
} __attribute__((preserve_access_index));

struct io_uring_cqe___kernel {
	__s32 res;
} __attribute__((preserve_access_index));

struct trace_event_raw_io_uring_submit_req {
	void *req;
	__u8 opcode;
} __attribute__((preserve_access_index));

struct trace_event_raw_io_uring_submit_sqe {
	__u8 opcode;
} __attribute__((preserve_access_index));

struct trace_event_raw_io_uring_complete {
	void *req;			/* since 5.19 */
	int res;
} __attribute__((preserve_access_index));

HM_TP_ARG(sys_exit, pt_regs, 0);
HM_TP_ARG(sys_exit, long_int, 0);
HM_TP_ARG_OPTIONAL(io_uring_submit_req, io_kiocb, 0);
HM_TP_ARG_OPTIONAL(io_uring_submit_sqe, io_kiocb, 0);		/* before 6.4 */
HM_TP_ARG_OPTIONAL(io_uring_submit_sqe, unsigned_char, 0);	/* before 5.19 (and in 5.10.162 and later): the operation */
HM_TP_ARG_OPTIONAL(io_uring_complete, io_uring_cqe, 0);		/* since 6.12 */
HM_TP_ARG_OPTIONAL(io_uring_complete, int, 0);

HM_OPTIONAL(BPF_FUNC_task_pt_regs);
HM_OPTIONAL(BPF_FUNC_get_current_task_btf);

/* Whether events are written, and for which process and user only; no user is 0xffffffff. The monitor's own process is left out. */
const volatile _Bool write_events = 0;
const volatile __u32 own_process;
const volatile __u32 only_process;
const volatile __u32 only_user = 0xffffffff;

struct file_counters {
	__u64 results[CALLS][RESULTS];
	__u64 submitted[OPERATIONS];	/* to io_uring */
	__u64 produced;			/* events, counted before room for them was reserved */
	__u64 unused[4];
};

_Static_assert(sizeof(struct file_counters) % 64 == 0, "CPUs would share a cache line");

/* By CPU. Mapped into the reader's memory. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);	/* user space sets it to the number of possible CPUs */
	__type(key, __u32);
	__type(value, struct file_counters);
} counters SEC(".maps");

enum event_kind { EVENT_ONE_PATH = 1, EVENT_TWO_PATHS = 2 };

struct event_file {
	__u64 time_ns;		/* CLOCK_BOOTTIME */
	__u32 pid;
	__u32 tid;
	__u32 user;
	__u32 operation;
	__s32 result;		/* of a system call: 0 or more, or an error's number below 0 */
	__u32 is_ring;		/* submitted to io_uring: the result is not known yet */
	char comm[16];
};

struct one_path_event {
	struct event_file file;
	char path[PATH];
};

struct two_paths_event {
	struct event_file file;
	char path[PATH];
	char new_path[PATH];
};

struct file_event {
	enum event_kind kind;
	union {
		struct one_path_event one_path HM_KIND(EVENT_ONE_PATH);
		struct two_paths_event two_paths HM_KIND(EVENT_TWO_PATHS);
	};
};

HM_RINGBUF(events, struct file_event, 1024 * 1024);

/* The fill of the ring, in bytes, from which on its reader is woken. */
const volatile __u64 wake_from = 128 * 1024;

/* Events that were read: user space counts them here, where the next process finds them. */
__u64 delivered;

static __always_inline struct file_counters *this_cpu(void)
{
	__u32 number = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &number);
}

static __always_inline void add(__u64 *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static __always_inline void count_result(struct file_counters *cpu, __u32 call, long result)
{
	__u32 error = result < 0 ? (__u32)-result : 0, index;

	if (error >= RESULTS)
		error = RESULTS - 1;
	index = call * RESULTS + error;
	barrier_var(index);	/* the verifier has to see that the index which is used is in the array */
	if (index < CALLS * RESULTS)
		add(&cpu->results[0][index]);
}

static __always_inline enum operation operation_of(__u32 call)
{
	return call <= CALL_OPEN_BY_HANDLE_AT ? OPERATION_OPEN : call <= CALL_UNLINKAT ? OPERATION_UNLINK : OPERATION_RENAME;
}

/* Events. */

static __always_inline _Bool is_wanted(void)
{
	__u32 process;

	if (!write_events)
		return 0;
	process = bpf_get_current_pid_tgid() >> 32;
	if (process == own_process || (only_process && process != only_process))
		return 0;
	return only_user == 0xffffffff || (__u32)bpf_get_current_uid_gid() == only_user;
}

static __always_inline void describe(struct event_file *file, enum operation operation, long result, _Bool is_ring)
{
	__u64 ids = bpf_get_current_pid_tgid();

	file->time_ns = bpf_ktime_get_boot_ns();
	file->pid = ids >> 32;
	file->tid = (__u32)ids;
	file->user = (__u32)bpf_get_current_uid_gid();
	file->operation = operation;
	file->result = (__s32)result;
	file->is_ring = is_ring;
	bpf_get_current_comm(file->comm, sizeof(file->comm));
}

static __always_inline void read_path(char *path, const void *from, _Bool user)
{
	path[0] = 0;
	if (user)
		bpf_probe_read_user_str(path, PATH, from);
	else
		bpf_probe_read_kernel_str(path, PATH, from);
}

static __always_inline void write_event(struct file_counters *cpu, enum operation operation, long result, _Bool is_ring, const void *path, const void *new_path)
{
	struct file_event *event;

	add(&cpu->produced);
	if (operation == OPERATION_RENAME) {
		event = hm_reserve_event(events, two_paths);
		if (!event)
			return;
		event->kind = EVENT_TWO_PATHS;
		describe(&event->two_paths.file, operation, result, is_ring);
		read_path(event->two_paths.path, path, !is_ring);
		read_path(event->two_paths.new_path, new_path, !is_ring);
	} else {
		event = hm_reserve_event(events, one_path);
		if (!event)
			return;
		event->kind = EVENT_ONE_PATH;
		describe(&event->one_path.file, operation, result, is_ring);
		read_path(event->one_path.path, path, !is_ring);
	}
	hm_submit_lazily(events, event, wake_from);
}

/* The arguments are still in the registers; the paths are read where the caller keeps them, which it may have changed meanwhile. */
static __always_inline void write_call(struct file_counters *cpu, __u32 call, long result, struct pt_regs *regs)
{
	unsigned long first = 0, second = 0, fourth = 0;

	if (bpf_core_field_exists(struct pt_regs___x86, orig_ax)) {
		struct pt_regs___x86 *x86 = (void *)regs;

		first = BPF_CORE_READ(x86, di);
		second = BPF_CORE_READ(x86, si);
		fourth = BPF_CORE_READ(x86, r10);
	} else if (bpf_core_field_exists(struct pt_regs___arm64, syscallno)) {
		struct pt_regs___arm64 *arm64 = (void *)regs;

		/* All its calls have a folder's descriptor as the first argument. */
		second = BPF_CORE_READ(arm64, regs[1]);
		fourth = BPF_CORE_READ(arm64, regs[3]);
	}
	switch (call) {
	case CALL_OPEN:
	case CALL_CREAT:
	case CALL_UNLINK:
	case CALL_RMDIR:
		write_event(cpu, operation_of(call), result, 0, (void *)first, 0);
		break;
	case CALL_RENAME:
		write_event(cpu, OPERATION_RENAME, result, 0, (void *)first, (void *)second);
		break;
	case CALL_RENAMEAT:
	case CALL_RENAMEAT2:
		write_event(cpu, OPERATION_RENAME, result, 0, (void *)second, (void *)fourth);
		break;
	case CALL_OPEN_BY_HANDLE_AT:
		write_event(cpu, OPERATION_OPEN, result, 0, 0, 0);
		break;
	default:
		write_event(cpu, operation_of(call), result, 0, (void *)second, 0);
	}
}

/* System calls. */

static __always_inline int count_call(__u32 call, long result, struct pt_regs *regs)
{
	struct file_counters *cpu = this_cpu();

	if (!cpu)
		return 1;
	count_result(cpu, call, result);
	if (is_wanted()) {
		if (!regs && bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
			regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
		if (regs)
			write_call(cpu, call, result, regs);
	}
	return 1;
}

static __always_inline __u32 call_of_x86(unsigned long number)
{
	switch (number) {
	case 2: return CALL_OPEN;
	case 82: return CALL_RENAME;
	case 84: return CALL_RMDIR;
	case 85: return CALL_CREAT;
	case 87: return CALL_UNLINK;
	case 257: return CALL_OPENAT;
	case 263: return CALL_UNLINKAT;
	case 264: return CALL_RENAMEAT;
	case 304: return CALL_OPEN_BY_HANDLE_AT;
	case 316: return CALL_RENAMEAT2;
	case 437: return CALL_OPENAT2;
	default: return CALLS;
	}
}

static __always_inline __u32 call_of_others(__s32 number)
{
	switch (number) {
	case 35: return CALL_UNLINKAT;
	case 38: return CALL_RENAMEAT;
	case 56: return CALL_OPENAT;
	case 265: return CALL_OPEN_BY_HANDLE_AT;
	case 276: return CALL_RENAMEAT2;
	case 437: return CALL_OPENAT2;
	default: return CALLS;
	}
}

/* Runs at every system call, of which most are others. */
SEC("tp_btf/sys_exit")
int sys_exit(__u64 *ctx)
{
	struct pt_regs *regs = hm_tp_pointer(ctx, sys_exit, pt_regs, 0);
	__u32 call = CALLS;

	if (bpf_core_field_exists(struct pt_regs___x86, orig_ax)) {
		call = call_of_x86(((struct pt_regs___x86 *)regs)->orig_ax);
		if (call == CALLS)
			return 0;
		if (BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), thread_info.status) & TS_COMPAT)
			return 0;
	} else if (bpf_core_field_exists(struct pt_regs___arm64, syscallno)) {
		call = call_of_others(((struct pt_regs___arm64 *)regs)->syscallno);
		if (call == CALLS)
			return 0;
	}
	return count_call(call, (long)hm_tp_value(ctx, sys_exit, long_int, 0), regs);
}

/* A classic tracepoint's program returns 1: with 0, the kernel would hide the event from perf. */
#define COUNT_EXIT(name, call)                                    \
	SEC("tracepoint/syscalls/sys_exit_" #name)                \
	int exit_##name(struct syscall_trace_exit *ctx)           \
	{                                                         \
		return count_call(call, ctx->ret, 0);             \
	}

COUNT_EXIT(open, CALL_OPEN)
COUNT_EXIT(creat, CALL_CREAT)
COUNT_EXIT(openat, CALL_OPENAT)
COUNT_EXIT(openat2, CALL_OPENAT2)
COUNT_EXIT(open_by_handle_at, CALL_OPEN_BY_HANDLE_AT)
COUNT_EXIT(unlink, CALL_UNLINK)
COUNT_EXIT(rmdir, CALL_RMDIR)
COUNT_EXIT(unlinkat, CALL_UNLINKAT)
COUNT_EXIT(rename, CALL_RENAME)
COUNT_EXIT(renameat, CALL_RENAMEAT)
COUNT_EXIT(renameat2, CALL_RENAMEAT2)

/* io_uring: submitted, then complete. */

static __always_inline __u32 operation_of_ring(__u8 opcode)
{
	switch (opcode) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2: return OPERATION_OPEN;
	case IORING_OP_UNLINKAT: return OPERATION_UNLINK;
	case IORING_OP_RENAMEAT: return OPERATION_RENAME;
	default: return OPERATIONS;
	}
}

/* A path in a request of io_uring; 0 where the kernel has it in another form. */
#define PATH_OF(type, cmd, field)                                                                                                                  \
	(bpf_core_field_exists(((struct type##___delayed *)cmd)->field.__incomplete_filename)                                                      \
		 ? BPF_CORE_READ((struct type##___delayed *)cmd, field.__incomplete_filename, name)                                                \
		 : bpf_core_field_exists(((struct type *)cmd)->field) ? BPF_CORE_READ((struct type *)cmd, field, name) : 0)

static __always_inline int count_submitted(__u8 opcode, struct io_kiocb *request)
{
	__u32 operation = operation_of_ring(opcode);
	const char *path = 0, *new_path = 0;
	struct file_counters *cpu;

	if (operation == OPERATIONS)
		return 1;
	cpu = this_cpu();
	if (!cpu)
		return 1;
	add(&cpu->submitted[operation]);
	if (!is_wanted())
		return 1;

	/* The kernel has copied the paths already. */
	if (request && bpf_core_field_exists(request->cmd)) {
		void *cmd = &request->cmd;

		if (operation == OPERATION_OPEN)
			path = PATH_OF(io_open, cmd, filename);
		else if (operation == OPERATION_UNLINK)
			path = PATH_OF(io_unlink, cmd, filename);
		else if (operation == OPERATION_RENAME) {
			path = PATH_OF(io_rename, cmd, oldpath);
			new_path = PATH_OF(io_rename, cmd, newpath);
		}
	}
	write_event(cpu, operation, 0, 1, path, new_path);
	return 1;
}

SEC("tp_btf/io_uring_submit_req")
int ring_submit(__u64 *ctx)
{
	struct io_kiocb *request = (void *)hm_tp_optional(ctx, io_uring_submit_req, io_kiocb, 0);

	return count_submitted(BPF_CORE_READ(request, opcode), request);
}

SEC("tp_btf/io_uring_submit_sqe")
int ring_submit_request(__u64 *ctx)
{
	struct io_kiocb *request = (void *)hm_tp_optional(ctx, io_uring_submit_sqe, io_kiocb, 0);

	return count_submitted(BPF_CORE_READ(request, opcode), request);
}

SEC("tp_btf/io_uring_submit_sqe")
int ring_submit_opcode(__u64 *ctx)
{
	return count_submitted((__u8)hm_tp_optional(ctx, io_uring_submit_sqe, unsigned_char, 0), 0);
}

SEC("tracepoint/io_uring/io_uring_submit_req")
int ring_submit_classic(struct trace_event_raw_io_uring_submit_req *ctx)
{
	return count_submitted(ctx->opcode, ctx->req);
}

SEC("tracepoint/io_uring/io_uring_submit_sqe")
int ring_submit_sqe_classic(struct trace_event_raw_io_uring_submit_sqe *ctx)
{
	return count_submitted(ctx->opcode, 0);
}

static __always_inline int count_complete(struct io_kiocb *request, long result)
{
	__u32 operation = request ? operation_of_ring(BPF_CORE_READ(request, opcode)) : OPERATIONS;
	struct file_counters *cpu;

	if (operation == OPERATIONS)
		return 1;
	cpu = this_cpu();
	if (cpu)
		count_result(cpu, RING_OPEN + operation, result);
	return 1;
}

/* The prototypes that are known have the request as the second argument. */
SEC("tp_btf/io_uring_complete")
int ring_complete(__u64 *ctx)
{
	struct io_kiocb *request = (void *)hm_tp_load(ctx, 1);

	if (hm_tp_has(io_uring_complete, io_uring_cqe, 0)) {
		struct io_uring_cqe___kernel *cqe = (void *)hm_tp_optional(ctx, io_uring_complete, io_uring_cqe, 0);

		return count_complete(request, BPF_CORE_READ(cqe, res));
	}
	return count_complete(request, (__s32)hm_tp_optional(ctx, io_uring_complete, int, 0));
}

SEC("tracepoint/io_uring/io_uring_complete")
int ring_complete_classic(struct trace_event_raw_io_uring_complete *ctx)
{
	return count_complete(ctx->req, ctx->res);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
