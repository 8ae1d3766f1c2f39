/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef HYPERMESH_MAP_H
#define HYPERMESH_MAP_H

#ifndef __VMLINUX_H__	/* vmlinux.h, if it is included before, has these types already */
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>

/*
 * The value of a key, or NULL if the map is full. A key that is not there is added with the given first value.
 *
 *     struct traffic none = {}, *flow = hm_lookup_or_add(&flows, &key, &none);
 *     if (flow)
 *         __atomic_fetch_add(&flow->packets, 1, __ATOMIC_RELAXED);
 *
 * Two CPUs may add a key at once: only one of them does, and both get that value. "Look up, else update with 1" loses a count there, with
 * BPF_NOEXIST as with BPF_ANY.
 */
static __always_inline void *hm_lookup_or_add(void *map, const void *key, const void *first)
{
	void *value = bpf_map_lookup_elem(map, key);

	if (!value) {
		bpf_map_update_elem(map, key, first, BPF_NOEXIST);
		value = bpf_map_lookup_elem(map, key);
	}
	return value;
}

#endif
