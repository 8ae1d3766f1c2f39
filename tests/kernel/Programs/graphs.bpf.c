// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A list in a map's value and a tree among the globals (6.3), of objects the programs make themselves.

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define CONTAINS(type, member) __attribute__((btf_decl_tag("contains:" #type ":" #member)))
#define AROUND(pointer, type, member) ((type *)((void *)(pointer) - __builtin_offsetof(type, member)))
#define NUMBERS 3

/* As the kernel has them; the system's header may be older. */
struct bpf_list_head { __u64 words[2]; } __attribute__((aligned(8)));
struct bpf_list_node { __u64 words[3]; } __attribute__((aligned(8)));
struct bpf_rb_root { __u64 words[2]; } __attribute__((aligned(8)));
struct bpf_rb_node { __u64 words[4]; } __attribute__((aligned(8)));

extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 offset) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			       bool (*less)(struct bpf_rb_node *one, const struct bpf_rb_node *other), void *meta, __u64 offset) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;

struct queued {
	struct bpf_list_node link;
	__u64 number;
};

struct sorted {
	__u64 number;
	struct bpf_rb_node place;
};

struct shelf {
	struct bpf_spin_lock lock;
	struct bpf_list_head queue CONTAINS(queued, link);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct shelf);
} shelves SEC(".maps");

/* Hidden, so that user space maps nothing the kernel keeps to itself. */
__attribute__((visibility("hidden"))) struct bpf_spin_lock tree_lock SEC(".data.tree");
__attribute__((visibility("hidden"))) struct bpf_rb_root tree CONTAINS(sorted, place) SEC(".data.tree");

const volatile __u64 numbers[NUMBERS] = { 3, 1, 2 };

/* The numbers as they come out, as digits. */
SEC("?tc")
int first_in_first_out(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct shelf *shelf = bpf_map_lookup_elem(&shelves, &zero);
	struct bpf_list_node *node;
	struct queued *item;
	int digits = 0;
	int i;

	if (!shelf)
		return -1;
	for (i = 0; i < NUMBERS; i++) {
		item = bpf_obj_new_impl(bpf_core_type_id_local(struct queued), (void *)0);
		if (!item)
			return -2;
		item->number = numbers[i];
		bpf_spin_lock(&shelf->lock);
		bpf_list_push_back_impl(&shelf->queue, &item->link, (void *)0, 0);
		bpf_spin_unlock(&shelf->lock);
	}
	for (i = 0; i < NUMBERS; i++) {
		bpf_spin_lock(&shelf->lock);
		node = bpf_list_pop_front(&shelf->queue);
		bpf_spin_unlock(&shelf->lock);
		if (!node)
			return -3;
		item = AROUND(node, struct queued, link);
		digits = digits * 10 + item->number;
		bpf_obj_drop_impl(item, (void *)0);
	}
	return digits;
}

static bool less(struct bpf_rb_node *one, const struct bpf_rb_node *other)
{
	return AROUND(one, struct sorted, place)->number < AROUND(other, struct sorted, place)->number;
}

SEC("?tc")
int least_first(struct __sk_buff *skb)
{
	struct bpf_rb_node *node;
	struct sorted *item;
	int digits = 0;
	int i;

	for (i = 0; i < NUMBERS; i++) {
		item = bpf_obj_new_impl(bpf_core_type_id_local(struct sorted), (void *)0);
		if (!item)
			return -2;
		item->number = numbers[i];
		bpf_spin_lock(&tree_lock);
		bpf_rbtree_add_impl(&tree, &item->place, less, (void *)0, 0);
		bpf_spin_unlock(&tree_lock);
	}
	for (i = 0; i < NUMBERS; i++) {
		bpf_spin_lock(&tree_lock);
		node = bpf_rbtree_first(&tree);
		if (!node) {
			bpf_spin_unlock(&tree_lock);
			return -3;
		}
		node = bpf_rbtree_remove(&tree, node);
		bpf_spin_unlock(&tree_lock);
		if (!node)
			return -4;
		item = AROUND(node, struct sorted, place);
		digits = digits * 10 + item->number;
		bpf_obj_drop_impl(item, (void *)0);
	}
	return digits;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
