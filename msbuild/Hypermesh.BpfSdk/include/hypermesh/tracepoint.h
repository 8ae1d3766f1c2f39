/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_TRACEPOINT_H
#define HYPERMESH_TRACEPOINT_H

#ifndef __VMLINUX_H__	/* vmlinux.h, if it is included before, has these types already */
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>

/*
 * Arguments of a tracepoint (tp_btf/NAME), found by type in the running kernel's own BTF.
 *
 * Kernels add arguments, remove them and change their order. A program that uses fixed positions then reads the
 * wrong one, and where both are plain integers the verifier accepts it. So a program names the arguments,
 *
 *     HM_TP_ARG(sched_switch, task_struct, 0);            the first `struct task_struct *`: prev
 *     HM_TP_ARG(sched_switch, task_struct, 1);            the second: next
 *     HM_TP_ARG_OPTIONAL(sched_switch, unsigned_int, 0);  exists since 5.18
 *
 * and the loader writes each argument's position into a constant before the kernel sees the program. The type
 * is the struct's name for a pointer to a struct, else the name of the base type with `_` for each space
 * (bool, int, unsigned_int, long_unsigned_int). The load fails if the kernel lacks a required argument.
 *
 *     SEC("tp_btf/sched_switch")
 *     int sched_switch(__u64 *ctx)
 *     {
 *         struct task_struct *next = hm_tp_pointer(ctx, sched_switch, task_struct, 1);
 */
#define HM_TP_ABSENT 255

#define HM_TP_ARG(tracepoint, type, nth) \
	const volatile __u8 hm_arg__##tracepoint##__##type##__##nth = HM_TP_ABSENT

#define HM_TP_ARG_OPTIONAL(tracepoint, type, nth) \
	const volatile __u8 hm_argopt__##tracepoint##__##type##__##nth = HM_TP_ABSENT

/* The value of an argument, as the kernel passes it: 64 bits. Cast it to the argument's type. */
#define hm_tp_value(ctx, tracepoint, type, nth) \
	hm_tp_at((ctx), hm_arg__##tracepoint##__##type##__##nth)

/* An argument that is a pointer to `struct type`. */
#define hm_tp_pointer(ctx, tracepoint, type, nth) \
	((struct type *)hm_tp_value(ctx, tracepoint, type, nth))

/* Whether the running kernel passes an optional argument; the verifier removes code behind it where it does not. */
#define hm_tp_has(tracepoint, type, nth) \
	(hm_argopt__##tracepoint##__##type##__##nth != HM_TP_ABSENT)

/* The value of an optional argument; 0 where it is absent. */
#define hm_tp_optional(ctx, tracepoint, type, nth) \
	hm_tp_at((ctx), hm_argopt__##tracepoint##__##type##__##nth)

/*
 * The verifier accepts a context load only at a constant offset. Each load is therefore an instruction of its
 * own, in assembly so that the compiler cannot fold them into one with a computed address. The position is a
 * constant to the verifier, which follows one case and removes the comparisons and the other cases.
 */
#define hm_tp_load(ctx, index)                                                                          \
	({                                                                                              \
		__u64 hm_value;                                                                         \
		asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(hm_value) : "r"(ctx), "i"((index) * 8));   \
		hm_value;                                                                               \
	})

static __always_inline __u64 hm_tp_at(const void *ctx, __u8 index)
{
	switch (index) {
	case 0: return hm_tp_load(ctx, 0);
	case 1: return hm_tp_load(ctx, 1);
	case 2: return hm_tp_load(ctx, 2);
	case 3: return hm_tp_load(ctx, 3);
	case 4: return hm_tp_load(ctx, 4);
	case 5: return hm_tp_load(ctx, 5);
	case 6: return hm_tp_load(ctx, 6);
	case 7: return hm_tp_load(ctx, 7);
	case 8: return hm_tp_load(ctx, 8);
	case 9: return hm_tp_load(ctx, 9);
	case 10: return hm_tp_load(ctx, 10);
	case 11: return hm_tp_load(ctx, 11);
	default: return 0;
	}
}

#endif
