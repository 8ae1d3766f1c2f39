/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_PARAMETER_H
#define HYPERMESH_PARAMETER_H

/*
 * Documents a constant that is set before the load, and the range of its values. `hmbpf run --set NAME=VALUE` and BpfParameter check them.
 *
 *     const volatile __u64 min_us HM_PARAMETER(0, 60000000, "Only waits of at least this many microseconds") = 0;
 *
 * The bounds are whole numbers, both allowed. The initial value in the C is the default. A `const volatile` variable without it can be set too, to any
 * value of its type. The value never becomes part of the text that is compiled: it is written into the object's .rodata.
 */
#define HM_PARAMETER(least, most, description) \
	__attribute__((btf_decl_tag("hypermesh.parameter:" #least "\t" #most "\t" description)))

#endif
