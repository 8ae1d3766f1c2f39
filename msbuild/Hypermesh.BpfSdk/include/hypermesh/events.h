/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_EVENTS_H
#define HYPERMESH_EVENTS_H

/*
 * Records of several kinds through one ring buffer or perf event array.
 *
 *     enum kind { KIND_OPEN, KIND_CLOSE };
 *     struct opened { ... };
 *     struct closed { ... };
 *     struct event {
 *         enum kind kind;                                the first member says which it is
 *         union {
 *             struct opened opened HM_EVENT(KIND_OPEN);
 *             struct closed closed HM_EVENT(KIND_CLOSE);
 *         };
 *     };
 *     HM_RINGBUF(events, struct event, 256 * 1024);
 *
 *     struct event *event = hm_reserve_event(events, opened);      room for this kind, not for the largest
 *
 * C# gets `Event.Kind` and `TryGet(out Opened opened)`.
 */
#define HM_EVENT(what) HM_EVENT_TAG(what)
#define HM_EVENT_TAG(what) __attribute__((btf_decl_tag("hypermesh.event:" #what)))

/*
 * The type of a perf event array's records, which the kernel does not want to hear of, or of a plain ring buffer's:
 *
 *     struct {
 *         __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
 *         __uint(key_size, sizeof(int));
 *         __uint(value_size, sizeof(int));
 *     } samples SEC(".maps") HM_EVENT(struct sample);
 *     HM_KEEP(struct sample);
 *
 * clang leaves types out of the object that no variable, map or function has; HM_KEEP keeps one in.
 */
#define HM_KEEP(type) HM_KEEP_AS(type, __COUNTER__)
#define HM_KEEP_AS(type, number) HM_KEEP_NAMED(type, number)
#define HM_KEEP_NAMED(type, number) static type *hm_keep_##number __attribute__((used))

#endif
