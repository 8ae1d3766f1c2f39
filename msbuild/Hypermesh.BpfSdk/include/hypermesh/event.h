/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_EVENT_H
#define HYPERMESH_EVENT_H

/*
 * Keeps a type in the object, and so in the C#, that no map and no variable names: clang leaves the others out.
 *
 *     struct event { __u64 time_ns; __u32 pid; };
 *     HM_EVENT(struct event);
 *
 * For perf event arrays, and for rings with records of several types. A ring of one type names it itself, as HM_RINGBUF of
 * <hypermesh/ringbuf.h> and __type(value, struct event) do: it is then read as events in place of bytes.
 *
 * It makes a function that nobody calls: its argument is what keeps the type, no program gets its code, and no map is made.
 */
#define HM_EVENT(type) HM_EVENT_NUMBERED(type, __COUNTER__)
#define HM_EVENT_NUMBERED(type, number) HM_EVENT_NAMED(type, number)
#define HM_EVENT_NAMED(type, number)                                                                                      \
	static __attribute__((used, noinline)) void hm_event__##number(type *event __attribute__((unused))) {} \
	_Static_assert(sizeof(type) > 0, "HM_EVENT takes a complete type")

#endif
