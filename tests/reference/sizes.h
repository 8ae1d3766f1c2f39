/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0) */
/* The sizes of maps that state none, as `hmbpf verify` chooses them. */
#pragma once

#include "common.h"
#include <unistd.h>

static inline void size_map(struct bpf_map *map)
{
	if (bpf_map__max_entries(map))
		return;
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_TASK_STORAGE:
	case BPF_MAP_TYPE_INODE_STORAGE:
	case BPF_MAP_TYPE_SK_STORAGE:
	case BPF_MAP_TYPE_CGRP_STORAGE:
	case BPF_MAP_TYPE_CGROUP_STORAGE:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return;
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_USER_RINGBUF:
		bpf_map__set_max_entries(map, 16384);
		return;
	default:
		bpf_map__set_max_entries(map, 1024);
	}
}

static inline void size_maps(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		size_map(map);
		if (bpf_map__type(map) == BPF_MAP_TYPE_STACK_TRACE && !bpf_map__value_size(map))
			bpf_map__set_value_size(map, 127 * 8);
	}
}
