// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Types older kernels do not know, in a map, a global and a function: floating-point numbers, tags, enums of 64 bits, signed enums.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define TAGGED __attribute__((btf_type_tag("user")))
#define DECLARED __attribute__((btf_decl_tag("of interest")))

enum wide {
	NEAR = 1,
	FAR = 1ull << 40,
};

enum mood {
	BAD = -1,
	GOOD = 1,
};

struct reading {
	double exact;
	float rough;
	enum mood mood;
	enum wide wide;
	int TAGGED *where;
} DECLARED;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct reading);
} readings SEC(".maps");

__u64 runs DECLARED;

__noinline int note(int by)
{
	__u32 key = 0;
	struct reading *reading = bpf_map_lookup_elem(&readings, &key);

	if (reading) {
		reading->mood = BAD;
		reading->wide = FAR;
	}
	return by + 1;
}

SEC("raw_tp/sched_switch")
int tick(void *ctx)
{
	runs += note(0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
