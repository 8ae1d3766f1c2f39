// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Records whose length is known only when they are written, and a map's value as memory with bounds (5.19).

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define LONGEST 64

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} records SEC(".maps");

struct text {
	char bytes[LONGEST];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct text);
} texts SEC(".maps");

struct argument {
	__u64 length;
};

/* The first bytes of the text as one record. */
SEC("raw_tp/sched_switch")
int write(struct argument *argument)
{
	__u32 zero = 0;
	struct text *text = bpf_map_lookup_elem(&texts, &zero);
	struct bpf_dynptr source, record;
	__u32 length = argument->length;
	long result = -1;
	__u32 i;
	char byte;

	if (!text || length > LONGEST)
		return -1;
	if (bpf_dynptr_from_mem(text->bytes, LONGEST, 0, &source))
		return -2;
	if (bpf_ringbuf_reserve_dynptr(&records, length, 0, &record)) {
		bpf_ringbuf_discard_dynptr(&record, 0);
		return -3;
	}
	for (i = 0; i < LONGEST && i < length; i++) {
		if (bpf_dynptr_read(&byte, 1, &source, i, 0) || bpf_dynptr_write(&record, i, &byte, 1, 0)) {
			bpf_ringbuf_discard_dynptr(&record, 0);
			return -4;
		}
	}
	/* One more has no room. */
	result = bpf_dynptr_write(&record, length, &byte, 1, 0);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return result;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
