/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_EVENT_H
#define HYPERMESH_EVENT_H

/*
 * Keeps a type in the object, and so in the C#, that no map and no variable names. clang leaves out such types.
 *
 *     struct event { __u64 time_ns; __u32 pid; };
 *     HM_EVENT(struct event);
 *
 * For perf event arrays, and for rings with records of several types. A ring of one type names the type itself, as HM_RINGBUF of
 * <hypermesh/ringbuf.h> and __type(value, struct event) do: C# then reads it as events in place of bytes.
 *
 * It defines a function that is never called. Its argument keeps the type; no program contains its code, and no map is created.
 */
#define HM_EVENT(type) HM_EVENT_NUMBERED(type, __COUNTER__)
#define HM_EVENT_NUMBERED(type, number) HM_EVENT_NAMED(type, number)
#define HM_EVENT_NAMED(type, number)                                                                                      \
	static __attribute__((used, noinline)) void hm_event__##number(type *event __attribute__((unused))) {} \
	_Static_assert(sizeof(type) > 0, "HM_EVENT takes a complete type")

/*
 * States the type of a map's records where __type(value, ...) cannot: for a perf event array, whose values the kernel requires to be
 * descriptors. C# then reads them as that type. HM_EVENT keeps the type in the object.
 *
 *     struct {
 *         __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
 *         __uint(key_size, sizeof(int));
 *         __uint(value_size, sizeof(int));
 *     } samples SEC(".maps") HM_RECORDS(struct sample);
 *     HM_EVENT(struct sample);
 */
#define HM_RECORDS(type) __attribute__((btf_decl_tag("hypermesh.records:" #type)))

/*
 * Declares records of several kinds for one ring buffer or perf event array. On each member of a union, it names the kind of the member.
 *
 *     enum kind { KIND_OPEN, KIND_CLOSE };
 *     struct opened { ... };
 *     struct closed { ... };
 *     struct event {
 *         enum kind kind;                                the first member says which kind it is
 *         union {
 *             struct opened opened HM_KIND(KIND_OPEN);
 *             struct closed closed HM_KIND(KIND_CLOSE);
 *         };
 *     };
 *     HM_RINGBUF(events, struct event, 256 * 1024);
 *
 *     struct event *event = hm_reserve_event(events, opened);      room for this kind, not for the largest
 *
 * C# gets `Event.Kind` and `TryGet(out Opened opened)`.
 */
#define HM_KIND(constant) HM_KIND_TAG(constant)
#define HM_KIND_TAG(constant) __attribute__((btf_decl_tag("hypermesh.kind:" #constant)))

#endif
