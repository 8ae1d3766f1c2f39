// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Options no kernel has: their values come with the load.

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

extern bool CONFIG_HM_BOOL __kconfig;
extern enum libbpf_tristate CONFIG_HM_TRI __kconfig;
extern char CONFIG_HM_LETTER __kconfig;
extern signed char CONFIG_HM_BYTE __kconfig;
extern __s16 CONFIG_HM_SHORT __kconfig;
extern __u32 CONFIG_HM_WORD __kconfig;
extern __u64 CONFIG_HM_LONG __kconfig;
extern char CONFIG_HM_TEXT[8] __kconfig;

__u64 seen_bool, seen_tri, seen_letter, seen_word, seen_long, done;
__s64 seen_byte, seen_short;
char seen_text[8];

SEC("raw_tp/sched_switch")
int read(void *ctx)
{
	int i;

	seen_bool = CONFIG_HM_BOOL;
	seen_tri = CONFIG_HM_TRI;
	seen_letter = CONFIG_HM_LETTER;
	seen_byte = CONFIG_HM_BYTE;
	seen_short = CONFIG_HM_SHORT;
	seen_word = CONFIG_HM_WORD;
	seen_long = CONFIG_HM_LONG;
	for (i = 0; i < sizeof(seen_text); i++)
		seen_text[i] = CONFIG_HM_TEXT[i];
	done = 1;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
