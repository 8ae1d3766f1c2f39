// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Two versions of maps and variables: of each kind of change, whether a new version can take over the values. NEXT selects the second one.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/metric.h>
#include <hypermesh/reload.h>

#ifdef NEXT
#define VERSIONS(before, after) after
#else
#define VERSIONS(before, after) before
#endif

#define HASH(name, keys, values, entries, ...)	\
	struct {				\
		__uint(type, BPF_MAP_TYPE_HASH);	\
		__uint(max_entries, entries);	\
		__type(key, keys);		\
		__type(value, values);		\
	} name SEC(".maps") __VA_ARGS__

#define ARRAY(name, entries)			\
	struct {				\
		__uint(type, BPF_MAP_TYPE_ARRAY);	\
		__uint(max_entries, entries);	\
		__type(key, __u32);		\
		__type(value, __u64);		\
	} name SEC(".maps") HM_SUM

struct extremes {
	VERSIONS(__s32, __s64) highest HM_MAX;
	VERSIONS(__s32, __s64) lowest HM_MIN;
	VERSIONS(__s16, __s64) change HM_SUM;
};

struct untagged {
	__u64 count HM_SUM;
	VERSIONS(, __u64 last;)
};

HASH(wider, __u32, struct extremes, 16);
HASH(longer, __u32, __u64, VERSIONS(16, 32), HM_COUNTER("test.longer"));
HASH(narrower, __u32, VERSIONS(__u64, __u32), 16, HM_SUM);
HASH(retagged, __u32, __u64, VERSIONS(16, 32), VERSIONS(HM_SUM, HM_MAX));
HASH(rekeyed, VERSIONS(__u32, __u64), __u64, 16, HM_SUM);
HASH(lacking, __u32, struct untagged, 16);
HASH(bare, __u32, __u64, VERSIONS(16, 32));
HASH(VERSIONS(going, coming), __u32, __u64, 16, HM_SUM);
ARRAY(more, VERSIONS(4, 8));
ARRAY(fewer, VERSIONS(8, 4));

VERSIONS(, __u32 inserted;)
__u64 requests HM_SUM;
__u64 state;
__s64 warmest HM_MAX = -40;
VERSIONS(__u32, __u64) grown HM_COUNTER("test.grown");
VERSIONS(__u64, __u32) shrunk HM_SUM;
__u64 slots[4] HM_SUM;

SEC("?raw_tp/sys_enter")
int count(__u64 *ctx)
{
	/* Farther than the other version reads. */
	VERSIONS(, inserted += ctx[1] & 1;)
	__atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&grown, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&shrunk, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&slots[1], 1, __ATOMIC_RELAXED);
	if (warmest < state)
		warmest = state;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
