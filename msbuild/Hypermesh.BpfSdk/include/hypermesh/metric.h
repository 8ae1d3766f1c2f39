/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_METRIC_H
#define HYPERMESH_METRIC_H

/*
 * Makes a variable, a map, or a member of a map's value an instrument of System.Diagnostics.Metrics, without any C#: a counter for a value that
 * only grows, a gauge for any other. The loaded object has the meter "Hypermesh.Bpf.Objects".
 *
 *     __u64 requests HM_COUNTER("app.requests", "{request}", "Requests that were parsed");
 *     __u32 queued HM_GAUGE("app.queue.length", "{item}");
 *
 *     struct {
 *         __uint(type, BPF_MAP_TYPE_HASH);
 *         __uint(max_entries, 1024);
 *         __type(key, __u32);
 *         __type(value, __u64);
 *     } by_device SEC(".maps") HM_COUNTER("app.packets", "{packet}");
 *
 *     struct traffic {
 *         __u64 packets HM_COUNTER("app.flow.packets", "{packet}");
 *         __u64 bytes HM_COUNTER("app.flow.bytes", "By");
 *     };
 *
 * The arguments are literals: the name, the unit (UCUM, such as "By", "s" or "{request}"), and a description. Only the name is required.
 *
 * The value is an integer of 1, 2, 4 or 8 bytes. A map is an array or a hash, LRU and per-CPU forms included; the values of all CPUs are added up.
 * Its key becomes the attributes of each measurement: an integer or an enum is the attribute "key", and each member of a struct is an attribute with
 * its name. char[] is text, an enum is the name of its constant, other arrays of bytes are hexadecimal. An array with one element has no attribute.
 *
 * clang removes a static variable that is only written; the tag keeps it, so that its last value is right.
 */
#define HM_COUNTER(...) HM_METRIC_TAG("counter", __VA_ARGS__, "", "", )
#define HM_GAUGE(...) HM_METRIC_TAG("gauge", __VA_ARGS__, "", "", )

/* A member of a struct cannot be "used", and clang would warn about it. */
#define HM_METRIC_TAG(kind, name, unit, description, ...)                                                 \
	_Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wignored-attributes\"")     \
	__attribute__((used, btf_decl_tag("hypermesh." kind ":" name "\t" unit "\t" description)))       \
	_Pragma("clang diagnostic pop")

#endif
