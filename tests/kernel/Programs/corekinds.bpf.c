// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Each kind of relocation against the kernel it runs on, one variable each: what is declared here is wrong on purpose, and only the
// running kernel's own types have it right.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define RELOCATED __attribute__((preserve_access_index))
#define INFO(type, field, kind) __builtin_preserve_field_info(((struct type *)0)->field, kind)

struct task_struct {
	int tgid;
	int pid;
	unsigned int flags;
	unsigned int sched_reset_on_fork : 1;
	char comm[16];
	int no_such_field;
} RELOCATED;

/* The kernel's is of 32 bits. */
struct task_struct___wide {
	unsigned long long flags;
} RELOCATED;

struct task_struct___narrow {
	unsigned char flags;
} RELOCATED;

/* The kernel's lies in a struct without a name, in a union without one. */
struct sock_common {
	__u32 skc_rcv_saddr;
} RELOCATED;

struct list_head {
	struct list_head *next, *prev;
};

struct list_head___with_a_flavour {
	struct list_head *prev;
};

struct list_head___of_another_kind {
	int next;
};

struct no_such_struct {
	int field;
} RELOCATED;

enum pid_type___here {
	PIDTYPE_SID___here = 77,
	PIDTYPE_NONE___here = 78,
};

enum perf_callchain_context___here {
	PERF_CONTEXT_KERNEL___here = 1ULL << 40,
};

/* Of modules that are not each other's. */
struct veth_priv {
	int field;
};

struct bpf_ct_opts {
	int field;
};

__u64 byte_offset, byte_size, field_exists, field_missing, is_signed, is_unsigned, left_shift, right_shift;
__u64 type_id_local, type_id_target, type_exists, type_missing, type_size, type_matches, type_matches_flavour, type_mismatches;
__u64 enum_exists, enum_missing, enum_value, enum_wide, anonymous_offset;
__u64 bits_probed, bits_read, widened, narrowed, thread, reached;
__u64 first_module, second_module, first_again, absent_module;

SEC("?raw_tp/sched_switch")
int kinds(void *ctx)
{
	byte_offset = INFO(task_struct, comm, BPF_FIELD_BYTE_OFFSET);
	byte_size = INFO(task_struct, comm, BPF_FIELD_BYTE_SIZE);
	field_exists = INFO(task_struct, comm, BPF_FIELD_EXISTS);
	field_missing = INFO(task_struct, no_such_field, BPF_FIELD_EXISTS);
	is_signed = INFO(task_struct, pid, BPF_FIELD_SIGNED);
	is_unsigned = INFO(task_struct, flags, BPF_FIELD_SIGNED);
	left_shift = INFO(task_struct, sched_reset_on_fork, BPF_FIELD_LSHIFT_U64);
	right_shift = INFO(task_struct, sched_reset_on_fork, BPF_FIELD_RSHIFT_U64);
	type_id_local = bpf_core_type_id_local(struct task_struct);
	type_id_target = bpf_core_type_id_kernel(struct task_struct);
	type_exists = bpf_core_type_exists(struct task_struct);
	type_missing = bpf_core_type_exists(struct no_such_struct);
	type_size = bpf_core_type_size(struct task_struct);
	type_matches = bpf_core_type_matches(struct list_head);
	type_matches_flavour = bpf_core_type_matches(struct list_head___with_a_flavour);
	type_mismatches = bpf_core_type_matches(struct list_head___of_another_kind);
	enum_exists = bpf_core_enum_value_exists(enum pid_type___here, PIDTYPE_SID___here);
	enum_missing = bpf_core_enum_value_exists(enum pid_type___here, PIDTYPE_NONE___here);
	enum_value = bpf_core_enum_value(enum pid_type___here, PIDTYPE_SID___here);
	anonymous_offset = INFO(sock_common, skc_rcv_saddr, BPF_FIELD_BYTE_OFFSET);
	return 0;
}

SEC("?raw_tp/sched_switch")
int wide_enum(void *ctx)
{
	enum_wide = bpf_core_enum_value(enum perf_callchain_context___here, PERF_CONTEXT_KERNEL___here);
	return 0;
}

SEC("?raw_tp/sched_switch")
int probed_bits(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	bits_probed = BPF_CORE_READ_BITFIELD_PROBED(task, sched_reset_on_fork);
	thread = BPF_CORE_READ(task, pid);
	return 0;
}

/* The loads themselves become those of the kernel's size (5.11). */
SEC("?raw_tp/sched_switch")
int read_bits(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	bits_read = BPF_CORE_READ_BITFIELD(task, sched_reset_on_fork);
	widened = ((struct task_struct___wide *)task)->flags;
	narrowed = ((struct task_struct___narrow *)task)->flags;
	return 0;
}

/* What cannot be relocated does no harm where it is not reached. */
SEC("?raw_tp/sched_switch")
int unreached(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	reached = 1;
	if (bpf_core_field_exists(task->no_such_field))
		reached = BPF_CORE_READ(task, no_such_field);
	return 0;
}

SEC("?raw_tp/sched_switch")
int in_modules(void *ctx)
{
	first_module = bpf_core_type_size(struct veth_priv);
	second_module = bpf_core_type_size(struct bpf_ct_opts);
	first_again = bpf_core_type_size(struct veth_priv);
	absent_module = bpf_core_type_size(struct no_such_struct);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
