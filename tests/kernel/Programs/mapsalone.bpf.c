// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// No program at all: user space does the work on the maps.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct prefix {
	__u32 length;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

const volatile __u32 limit = 7;
__u64 total = 40;
