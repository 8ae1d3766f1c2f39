// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Every way of writing a comment, and everything that has one.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <hypermesh/ringbuf.h>
#include "documented.h"

/* Why a process ended. */
enum reason {
	REASON_EXIT = 1, // By itself.
	/// By a signal, or "killed".
	REASON_SIGNAL,
	REASON_NONE,
};

/**
 * struct event - One event: a < b && b > c.
 * @pid: The process,
 *       as the kernel names it.
 *
 * Comments may hold <tags>, &entities;, "quotes", `code`, ]]>, * /,
 * --> and other scripts: Zürich, 東京, 🐝.
 */
struct event {
	__u64 time_ns; /* When. A // in it is no other comment. */
	__u32 pid;
	/** @brief Which user.
	 *
	 * @param uid not a parameter at all
	 * @return nothing
	 * \note See \p pid and \c "struct" for more.
	 */
	__u32 uid;

	// Far from what follows.

	enum reason reason;
	struct {
		__u16 left;  // Of an anonymous struct.
		__u16 right;
	};
	union {
		__u32 v4;      // Four bytes.
		__u8 v6[16];
	} address; // Either of the two.
	__u32 is_new : 1; // A bit.
	__u32 level : 7;
	_Bool was_root; // Yes or no.
	__be16 port;    // Swapped.
	char comm[16];
};

/* A typedef names it. */
typedef struct {
	__u64 count; // How many.
} counts;

/**
 * The kernel's way, with members.
 *
 * @first:  One   member.
 * @second: And\or another,	with a tab.
 */
struct kernel_way {
	__u64 first;
	__u64 second;
};

/* Nothing below this many nanoseconds. */
const volatile __u64 min_ns;
/* Since loading. */
__u64 seen;
int verbosity = 2; // How much to say: 1 < 2.
struct kernel_way pair;
struct {
	__u32 inside; /* Of a variable. */
} config;

// Events, in a ring of our header's.
HM_RINGBUF(events, struct event, 64 * 1024);

/* By user.
 * -------
 * Second line of it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, counts);
} by_user SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct in_header);
} without_a_comment SEC(".maps");

/*
 * Counts and tells.
 *
 * @ctx: what the kernel hands over
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec)
{
	struct event *event = hm_reserve(events);
	__u32 key = 0;

	if (!event)
		return 0;
	event->time_ns = min_ns + verbosity + pair.first + config.inside;
	event->reason = REASON_SIGNAL;
	bpf_ringbuf_submit(event, 0);
	bpf_map_delete_elem(&by_user, &key);
	bpf_map_delete_elem(&without_a_comment, &key);
	__sync_fetch_and_add(&seen, 1);
	return 0;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
