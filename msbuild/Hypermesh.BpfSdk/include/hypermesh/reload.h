/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_RELOAD_H
#define HYPERMESH_RELOAD_H

/*
 * What of a map's values a new version of the program takes over when their layout, or the map's size, has changed (BpfObject.HotReload and handover).
 * Without a tag, such a map begins empty. Maps that are equal in both versions keep their content and need no tag.
 *
 *     struct traffic {
 *         __u64 packets HM_SUM;
 *         __u64 longest_ns HM_MAX;
 *         __u64 shortest_ns HM_MIN;
 *         char comm[16] HM_KEEP;
 *     };
 *     struct { ... __type(value, struct traffic); } flows SEC(".maps");
 *
 *     struct { ... __type(value, __u64); } calls SEC(".maps") HM_SUM;            a map whose value is a number, or a whole struct
 *     __u64 requests HM_SUM;                                                     a global variable
 *
 * HM_SUM is for what only grows, an array of it (the slots of a histogram) included; HM_MAX and HM_MIN for the greatest and the smallest value; HM_KEEP for what is
 * written once. In arrays and per-CPU maps, a value of all zeros counts as never written: store a smallest value of 0 as 1 more. HM_COUNTER of <hypermesh/metric.h> is a sum too. Members are found by name; a number may become wider. Each member of the value has a tag, or none is taken over.
 */
#define HM_SUM __attribute__((btf_decl_tag("hypermesh.merge:sum")))
#define HM_MAX __attribute__((btf_decl_tag("hypermesh.merge:max")))
#define HM_MIN __attribute__((btf_decl_tag("hypermesh.merge:min")))
#define HM_KEEP __attribute__((btf_decl_tag("hypermesh.merge:keep")))

#endif
