// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the counting programs share. Who includes this says whose runs count: own().

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

__u64 hits;
__u64 cookies;

static __always_inline int own(void);

static __always_inline int hit(void)
{
	if (own())
		__atomic_fetch_add(&hits, 1, __ATOMIC_RELAXED);
	return 0;
}

static __always_inline int hit_cookie(void *ctx)
{
	if (own()) {
		__atomic_fetch_add(&hits, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&cookies, bpf_get_attach_cookie(ctx), __ATOMIC_RELAXED);
	}
	return 0;
}

#define PROGRAM(name, section)				\
	SEC("?" section)				\
	int name(void *ctx)				\
	{						\
		return hit();				\
	}

#define COOKIE_PROGRAM(name, section)			\
	SEC("?" section)				\
	int name(void *ctx)				\
	{						\
		return hit_cookie(ctx);			\
	}
