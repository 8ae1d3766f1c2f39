/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_HISTOGRAM_H
#define HYPERMESH_HISTOGRAM_H

#ifndef __VMLINUX_H__	/* vmlinux.h, if it is included before, has these types already */
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>

/*
 * Slots of powers of two: slot 0 holds 0 and 1, slot n holds 2^n up to 2^(n+1) - 1, the last slot all greater values.
 * The error of a value that is estimated from its slot is less than a factor of two.
 */
static __always_inline __u32 hm_exp2_slot(__u64 value, __u32 slots)
{
	__u32 slot = 0;

	if (value >> 32) { value >>= 32; slot += 32; }
	if (value >> 16) { value >>= 16; slot += 16; }
	if (value >> 8) { value >>= 8; slot += 8; }
	if (value >> 4) { value >>= 4; slot += 4; }
	if (value >> 2) { value >>= 2; slot += 2; }
	slot += value >> 1;
	return slot < slots ? slot : slots - 1;
}

#endif
