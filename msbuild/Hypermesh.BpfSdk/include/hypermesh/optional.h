/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_OPTIONAL_H
#define HYPERMESH_OPTIONAL_H

/*
 * Declares that the program also works without a helper or a map type, named by its constant, where the kernel lacks it: the build does not
 * warn that it is newer than BpfMinimumKernel, and Preflight does not count it as missing.
 *
 *     const volatile _Bool use_task_storage;           set by C#, which probes before the load
 *
 *     HM_OPTIONAL(BPF_MAP_TYPE_TASK_STORAGE);
 *     HM_OPTIONAL(BPF_FUNC_task_storage_get);
 *
 * It is not needed where the program checks bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_storage_get).
 *
 * It defines a function that is never called: only its name is read, and no program contains its code.
 */
#define HM_OPTIONAL(constant)                                                                                \
	static __attribute__((used, noinline)) void hm_optional__##constant(void) {} \
	_Static_assert((constant) >= 0, "HM_OPTIONAL takes a constant of the kernel")

#endif
