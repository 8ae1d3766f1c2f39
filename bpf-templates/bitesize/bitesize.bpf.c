// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Sizes of the requests that disks are given, by command, as histograms of bytes.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/histogram.h>
#include <hypermesh/map.h>
#include <hypermesh/parameter.h>
#include <hypermesh/tracepoint.h>

#define SLOTS 27		/* the last one begins at 64 MiB */
#define OPERATION 0xff		/* of a request's flags; 0 reads, and the lowest bit is set where data goes to the disk */

struct request {
	unsigned int cmd_flags;
	unsigned int __data_len;
} __attribute__((preserve_access_index));

HM_TP_ARG(block_rq_issue, request, 0);

enum direction { BOTH, READS, WRITES };

const volatile enum direction direction HM_PARAMETER(0, 2, "Only READS, only WRITES, or BOTH and all other requests") = BOTH;
const volatile __u32 min_bytes HM_PARAMETER(0, 67108864, "Only requests of at least this many bytes") = 0;

struct command {
	char comm[16];
};

struct sizes {
	__u64 count;
	__u64 total_bytes;
	__u64 slots[SLOTS];
};

/* By the command that gives the request to the disk: for what is written later or queued, a thread of the kernel. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct command);
	__type(value, struct sizes);
} sizes SEC(".maps");

/* Requests of commands for which the map had no room. */
__u64 not_counted;

static __always_inline void add(__u64 *counter, __u64 value)
{
	__atomic_fetch_add(counter, value, __ATOMIC_RELAXED);
}

SEC("tp_btf/block_rq_issue")
int block_rq_issue(__u64 *ctx)
{
	static const struct sizes none;
	struct request *request = hm_tp_pointer(ctx, block_rq_issue, request, 0);
	__u32 bytes = request->__data_len, operation = request->cmd_flags & OPERATION, slot;
	struct command command = {};
	struct sizes *found;

	if (bytes < min_bytes || (direction == READS && operation) || (direction == WRITES && !(operation & 1)))
		return 0;
	bpf_get_current_comm(command.comm, sizeof(command.comm));
	found = hm_lookup_or_add(&sizes, &command, &none);
	if (!found) {
		add(&not_counted, 1);
		return 0;
	}
	slot = hm_exp2_slot(bytes, SLOTS);
	if (slot < SLOTS)
		add(&found->slots[slot], 1);
	add(&found->count, 1);
	add(&found->total_bytes, bytes);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
