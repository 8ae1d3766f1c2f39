// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A function of a module (nf_conntrack, 5.18) that must be there: to look into modules takes CAP_SYS_ADMIN.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

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

extern void bpf_ct_release(struct nf_conn *connection) __ksym;
extern struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 tuple__sz,
					 struct bpf_ct_opts *opts, __u32 opts__sz) __ksym;

SEC("?tc")
int lookup(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_ct_opts options = { .netns_id = -1, .l4proto = 6 };
	struct nf_conn *connection = bpf_skb_ct_lookup(skb, &tuple, sizeof(tuple.ipv4), &options, sizeof(options));

	if (connection)
		bpf_ct_release(connection);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
