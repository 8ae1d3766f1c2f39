// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Memory that programs and user space share (6.9), with globals in it.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, 33); /* BPF_MAP_TYPE_ARENA, which older headers do not know */
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16);
} memory SEC(".maps");

/* Before 19, clang treats variables of an arena like any others. */
const volatile _Bool has_arena_section = __clang_major__ >= 19;

__u64 __arena counter = 7;
__u64 __arena *__arena place;

struct run {
	__u64 input;
};

SEC("syscall")
int add(struct run *run)
{
	/* The program is the arena's: it names it. */
	void *arena = &memory;

	asm volatile("" : "+r"(arena));
	counter += run->input;
	if (place)
		*place += 1;
	return counter;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
