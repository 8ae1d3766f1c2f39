/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_OPTIONAL_H
#define HYPERMESH_OPTIONAL_H

/*
 * Says that the program does without a helper or a type of map where the kernel lacks it, by the constant that stands for it: the build does not
 * warn that it is newer than BpfMinimumKernel, and Preflight does not count it as missing.
 *
 *     const volatile _Bool use_task_storage;           set by C#, which looks before the load
 *
 *     HM_OPTIONAL(BPF_MAP_TYPE_TASK_STORAGE);
 *     HM_OPTIONAL(BPF_FUNC_task_storage_get);
 *
 * What asks with bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_storage_get) has said so already.
 *
 * It makes a function that nobody calls: only its name is read, no program gets its code.
 */
#define HM_OPTIONAL(constant)                                                                                \
	static __attribute__((used, noinline)) void hm_optional__##constant(void) {} \
	_Static_assert((constant) >= 0, "HM_OPTIONAL takes a constant of the kernel's")

#endif
