/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_HISTOGRAM_H
#define HYPERMESH_HISTOGRAM_H

#ifndef __VMLINUX_H__	/* vmlinux.h, if it is included before, has these types already */
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>

/*
 * Slots of powers of two whose bounds are exact in Prometheus (`le`) and in exponential histograms of OpenTelemetry: upper-inclusive, and in binary
 * seconds for times. hm_exp2_slot below is lower-inclusive and in the unit of its value; its slots cannot be exported without an error.
 */

/* hm_seconds_edge[k]: the greatest whole number of nanoseconds that is not above 2^k / 2^30 seconds. */
static const __u64 hm_seconds_edge[64] = {
	0ull, 1ull, 3ull, 7ull,
	14ull, 29ull, 59ull, 119ull,
	238ull, 476ull, 953ull, 1907ull,
	3814ull, 7629ull, 15258ull, 30517ull,
	61035ull, 122070ull, 244140ull, 488281ull,
	976562ull, 1953125ull, 3906250ull, 7812500ull,
	15625000ull, 31250000ull, 62500000ull, 125000000ull,
	250000000ull, 500000000ull, 1000000000ull, 2000000000ull,
	4000000000ull, 8000000000ull, 16000000000ull, 32000000000ull,
	64000000000ull, 128000000000ull, 256000000000ull, 512000000000ull,
	1024000000000ull, 2048000000000ull, 4096000000000ull, 8192000000000ull,
	16384000000000ull, 32768000000000ull, 65536000000000ull, 131072000000000ull,
	262144000000000ull, 524288000000000ull, 1048576000000000ull, 2097152000000000ull,
	4194304000000000ull, 8388608000000000ull, 16777216000000000ull, 33554432000000000ull,
	67108864000000000ull, 134217728000000000ull, 268435456000000000ull, 536870912000000000ull,
	1073741824000000000ull, 2147483648000000000ull, 4294967296000000000ull, 8589934592000000000ull,
};

static __always_inline __u32 hm_log2(__u64 value)
{
	__u32 log = 0;

	if (value >> 32) { value >>= 32; log += 32; }
	if (value >> 16) { value >>= 16; log += 16; }
	if (value >> 8) { value >>= 8; log += 8; }
	if (value >> 4) { value >>= 4; log += 4; }
	if (value >> 2) { value >>= 2; log += 2; }
	return log + (value >> 1);
}

/* The slot of a time: slot s holds times above 2^(s - 31) and up to 2^(s - 30) seconds, slot 0 only 0 ns, the last slot all longer times. */
static __always_inline __u32 hm_seconds_slot(__u64 ns, __u32 slots)
{
	__u32 slot;

	if (!ns)
		return 0;
	slot = hm_log2(ns) + 1;
	slot += ns > hm_seconds_edge[slot & 63];
	return slot < slots ? slot : slots - 1;
}

/* The slot of a size or a count: slot s holds values above 2^(s - 1) and up to 2^s, slot 0 holds 0 and 1, the last slot all greater values. */
static __always_inline __u32 hm_size_slot(__u64 value, __u32 slots)
{
	__u32 slot = value <= 1 ? 0 : hm_log2(value - 1) + 1;

	return slot < slots ? slot : slots - 1;
}

/*
 * Slots of powers of two: slot 0 holds 0 and 1, slot n holds 2^n up to 2^(n+1) - 1, the last slot all greater values.
 * The error of a value that is estimated from its slot is less than a factor of two.
 */
static __always_inline __u32 hm_exp2_slot(__u64 value, __u32 slots)
{
	__u32 slot = hm_log2(value);

	return slot < slots ? slot : slots - 1;
}

#endif
