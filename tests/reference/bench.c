// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the benchmarks need of libbpf beyond its own functions: a ring buffer whose callback is native.

#include <stdint.h>
#include <stdlib.h>
#include <bpf/libbpf.h>

struct ring {
	struct ring_buffer *buffer;
	uint64_t sum;
};

static int add(void *context, void *record, size_t size)
{
	struct ring *ring = context;

	(void)size;
	ring->sum += *(uint64_t *)record;
	return 0;
}

struct ring *hm_ring_open(int map)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	ring->buffer = ring_buffer__new(map, add, ring, NULL);
	return ring->buffer ? ring : NULL;
}

long hm_ring_consume(struct ring *ring, uint64_t *sum)
{
	long records = ring_buffer__consume(ring->buffer);

	*sum = ring->sum;
	return records;
}

void hm_ring_close(struct ring *ring)
{
	ring_buffer__free(ring->buffer);
	free(ring);
}
