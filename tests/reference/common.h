/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0) */
/* What the programs over the reference loader share. */
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level; (void)format; (void)arguments;
	return 0;
}

static inline const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static inline struct bpf_object *open_object(const char *path, const char *btf)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = btf);
	struct bpf_object *object = bpf_object__open_file(path, &options);
	struct bpf_map *map;

	if (!object)
		return NULL;
	bpf_object__for_each_map(map, object)
		bpf_map__set_pin_path(map, NULL);
	return object;
}
