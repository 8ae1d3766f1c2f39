// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Every shape a C type can take.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef __u32 u32_t;
typedef u32_t u32_chain;

enum small { SMALL_A, SMALL_B = 200 } __attribute__((packed));
enum negative { BELOW = -5, ABOVE = 5 };
enum wide { WIDE_LOW = 1, WIDE_HIGH = 0x8000000000000000ULL };

/* A key with a union of anonymous structs. */
struct flow {
	union {
		struct {
			__be32 saddr;
			__be32 daddr;
		};
		__u8 addr6[16];
	};
	__be16 sport;
	__be16 dport;
	__u8 protocol;
	_Bool is_local;
};

/* Bitfields, signed and not, of several units. */
struct bits {
	unsigned int first : 3;
	unsigned int second : 7;
	int sign : 5;
	_Bool flag : 1;
	enum negative choice : 4;
	__u64 long_one : 40;
	__u64 rest : 24;
	__u8 tail;
};

struct packed_bits {
	__u8 head;
	unsigned int cross : 20;
	unsigned int next : 11;
	__u16 last;
} __attribute__((packed));

struct packed {
	__u8 a;
	__u32 b;
	__u64 c;
	__u16 d;
} __attribute__((packed));

typedef struct {
	__u64 low;
	__u64 high;
} pair_t;
typedef pair_t pair_alias;

union number {
	__u64 whole;
	__u32 halves[2];
	__u8 bytes[8];
	double real;
};

struct node {
	struct node *next;
	void *data;
	int (*function)(int);
};

struct flexible {
	__u32 length;
	__u8 data[];
};

struct everything {
	pair_t pair;
	pair_alias alias;
	union number number;
	struct node node;
	struct packed packed;
	struct {
		__u16 x;
		__u16 y;
	} point;
	union {
		__u32 as_int;
		float as_float;
	} points[3];
	enum { RED, GREEN } color;
	enum small small;
	enum negative negative;
	enum wide wide;
	__be64 big;
	__u32 matrix[2][3];
	char name[16];
	char names[4][8];
	char letter;
	signed char signed_letter;
	__s16 s16;
	__s64 s64;
	_Bool flags[3];
	u32_chain chained;
	__u8 empty[0];
	__int128 int128;
	unsigned __int128 uint128;
	struct flexible flexible;
};

/* What a trie demands of its key. */
struct prefix {
	__u32 length;
	__be32 address;
};

struct odd_size {
	__u64 a;
	__u32 b;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct flow);
	__type(value, struct everything);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16);
	__type(key, struct odd_size);
	__type(value, struct bits);
} recent SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct packed_bits);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(key_size, 4);
	__uint(value_size, 12);
} sized SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} per_task SEC(".maps");

struct inner_value {
	__u32 count;
};

struct inner_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct inner_value);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct inner_map);
} outer SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} prefixes SEC(".maps");

struct inner_value sample;
struct flow last_flow;
enum wide mode = WIDE_HIGH;
char greeting[8] = "hello";
__be32 address;
void *pointer;
__u32 weights[4] = { 1, 2, 3, 4 };
const volatile struct packed settings = { .b = 7 };
unsigned char huge[2 * 1024 * 1024];

#define TOUCH(map, key_type) do { key_type key; __builtin_memset(&key, 0, sizeof(key)); if (bpf_map_lookup_elem(&map, &key)) counter++; } while (0)
static __u64 counter;

SEC("xdp")
int count_packets(struct xdp_md *ctx)
{
	TOUCH(flows, struct flow);
	TOUCH(recent, struct odd_size);
	TOUCH(table, __u32);
	TOUCH(sized, __u32);
	TOUCH(outer, __u32);
	TOUCH(prefixes, struct prefix);
	address = sample.count + last_flow.saddr + mode + greeting[0] + (__u64)pointer + weights[1] + settings.b + huge[ctx->rx_queue_index & 0xff];
	return XDP_PASS;
}

SEC("tcx/ingress") int on_ingress(struct __sk_buff *skb) { return 0; }
SEC("tc") int classify(struct __sk_buff *skb) { return 0; }
SEC("socket") int filter(struct __sk_buff *skb) { return 0; }
SEC("raw_tp/sched_switch") int raw_switch(void *ctx) { return 0; }
SEC("tracepoint/syscalls/sys_enter_openat") int enter_openat(void *ctx) { return 0; }
SEC("iter/task") int each_task(void *ctx) { return 0; }
SEC("syscall") int on_demand(void *ctx) { return bpf_task_storage_get(&per_task, 0, 0, 0) != 0; }
SEC("kprobe/do_exit") int on_exit(void *ctx) { return 0; }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
