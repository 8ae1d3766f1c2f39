// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Records whose kinds cannot be told apart, each in its own way, and one whose type is nowhere.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

enum kind { KIND_A = 1, KIND_B };
struct part { __u32 x; };

struct without_kind { struct part a HM_KIND(KIND_A); };
struct same_twice { enum kind kind; union { struct part a HM_KIND(KIND_A); struct part b HM_KIND(1); }; };
struct no_constant { enum kind kind; struct part a HM_KIND(KIND_C); };
struct no_struct { enum kind kind; __u32 a HM_KIND(KIND_A); };

HM_RINGBUF(first, struct without_kind, 4096);
HM_RINGBUF(second, struct same_twice, 4096);
HM_RINGBUF(third, struct no_constant, 4096);
HM_RINGBUF(fourth, struct no_struct, 4096);

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} nowhere SEC(".maps") HM_RECORDS(struct nowhere_to_be_found);

SEC("xdp")
int send(struct xdp_md *ctx)
{
	struct part part = {};

	bpf_perf_event_output(ctx, &nowhere, BPF_F_CURRENT_CPU, &part, sizeof(part));
	bpf_ringbuf_output(&first, &part, sizeof(part), 0);
	bpf_ringbuf_output(&second, &part, sizeof(part), 0);
	bpf_ringbuf_output(&third, &part, sizeof(part), 0);
	bpf_ringbuf_output(&fourth, &part, sizeof(part), 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
