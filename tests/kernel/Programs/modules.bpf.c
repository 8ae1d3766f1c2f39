// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A function of a module (nf_conntrack, 5.18), a type only the module has, and a function of it that is traced.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct nf_conn {
	unsigned long status;
} __attribute__((preserve_access_index));

struct bpf_ct_opts {
	__s32 netns_id;
	__s32 error;
	__u8 l4proto;
	__u8 dir;
	__u8 reserved[2];
};

extern struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 tuple__sz,
					 struct bpf_ct_opts *opts, __u32 opts__sz) __ksym __weak;
extern void bpf_ct_release(struct nf_conn *connection) __ksym __weak;

__u64 calls, entries, named_entries, many_entries, size;
__s32 error;

SEC("tc")
int lookup(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_ct_opts options = { .netns_id = -1, .l4proto = 6 };
	struct nf_conn *connection;

	size = bpf_core_type_size(struct bpf_ct_opts);
	connection = bpf_skb_ct_lookup(skb, &tuple, sizeof(tuple.ipv4), &options, sizeof(options));
	if (connection)
		bpf_ct_release(connection);
	error = options.error;
	calls++;
	return 0;
}

SEC("fentry/nf_conntrack_find_get")
int entry(void *ctx)
{
	__atomic_fetch_add(&entries, 1, __ATOMIC_RELAXED);
	return 0;
}

SEC("fentry/nf_conntrack:nf_conntrack_find_get")
int named_entry(void *ctx)
{
	__atomic_fetch_add(&named_entries, 1, __ATOMIC_RELAXED);
	return 0;
}

SEC("?fentry.multi/nf_conntrack:nf_conntrack_find_get*")
int many(void *ctx)
{
	__atomic_fetch_add(&many_entries, 1, __ATOMIC_RELAXED);
	return 0;
}

SEC("?fentry/no_such_module:nf_conntrack_find_get")
int wrong_module(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
