// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Two arenas, of which an object has one at most: its globals would not know where to lie.
// Compiled in this folder with clang 22:
//   clang-22 -O2 -g -target bpf -fdebug-compilation-dir=. -c two-arenas.bpf.c -o two-arenas.bpf.o
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, 33); /* BPF_MAP_TYPE_ARENA, which older headers do not know */
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
} one SEC(".maps"), two SEC(".maps");

char LICENSE[] SEC("license") = "Dual BSD/GPL";
