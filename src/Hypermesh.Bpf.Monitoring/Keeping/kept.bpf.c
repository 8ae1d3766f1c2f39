// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Memory of the kernel in which the totals of a set of monitors outlast its process. No program uses it: user space maps it, and writes each state into the
// half that does not have the last one.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PAGE 4096
#define PAGES 2048

struct page {
	__u8 bytes[PAGE];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PAGES);
	__type(key, __u32);
	__type(value, struct page);
} pages SEC(".maps");
