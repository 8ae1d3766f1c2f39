// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What layouts.bpf.c leaves out: the shapes that are rare, and those that break generators.

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

#define __kptr __attribute__((btf_type_tag("kptr")))

/* Enums of every size and sign. */
enum tiny { TINY_A = 1, TINY_B = 255 } __attribute__((packed));
enum tiny_signed { TINY_BELOW = -128, TINY_ABOVE = 127 } __attribute__((packed));
enum middle { MIDDLE_A = 0x1234 } __attribute__((packed));
enum middle_signed { MIDDLE_BELOW = -300 } __attribute__((packed));
enum large { LARGE_A = 0xffffffff };
enum huge { HUGE_A = 0x100000000ULL };
enum huge_signed { HUGE_BELOW = -0x100000000LL, HUGE_ABOVE = 1 };

/* Bitfields: of every kind of integer, wide, signed, within unions, across bytes of packed structs. */
struct wide_bits {
	__u64 forty_one : 41;
	__s64 signed_twenty : 20;
	__u64 : 0;
	__s64 signed_sixty_three : 63;
	__u64 last : 1;
	char letter : 3;
	unsigned char octet : 5;
	bool yes : 1;
	enum tiny_signed choice : 7;
	__u16 half : 9;
};

struct packed_wide_bits {
	__u8 head : 3;
	__u64 whole : 64;
	__s64 across : 61;
	unsigned __int128 hundred : 100;
	__int128 signed_hundred : 100;
	__u8 tail;
} __attribute__((packed));

union bits_in_union {
	struct {
		__u32 low : 12;
		__u32 middle : 12;
		__u32 high : 8;
	};
	struct {
		__s16 below : 9;
		__s16 above : 7;
	} halves;
	__u32 all;
	int sign : 1;
};

/* Alignment beyond C's own, and less. */
struct over_aligned {
	__u8 a;
	__u32 b __attribute__((aligned(32)));
	__u8 c;
} __attribute__((aligned(64)));

struct packed_within {
	__u8 a;
	struct {
		__u8 b;
		__u64 c;
	} __attribute__((packed)) inner;
	__u16 d __attribute__((packed));
} __attribute__((packed, aligned(2)));

/* Nothing but names above other names. */
struct deep {
	struct {
		union {
			struct {
				__u8 first;
				union {
					__u32 second;
					struct {
						__u16 third;
						__u16 fourth;
					};
				};
			};
			__u64 fifth;
		};
	};
	struct {
		struct {
			__u32 x;
		} inner[2];
	} named;
};

/* Arrays of everything. */
struct forward;
typedef struct forward forward_t;
typedef int (*callback_t)(struct forward *, void *);
struct element { __u16 a; __u8 b; };

struct arrays {
	bool flags[5];
	bool matrix[2][3];
	__be16 ports[4];
	__be32 addresses[2][2];
	__be64 words[1];
	void *pointers[3];
	callback_t callbacks[2];
	forward_t *forwards[2][2];
	struct element elements[3][2];
	enum tiny tinies[4];
	enum huge_signed huges[2];
	float floats[3];
	double doubles[2][1];
	char lines[3][4][5];
	__s8 signed_bytes[3];
	__int128 wides[2];
	long double long_doubles[2];
};

/* Zero-length arrays between members, and one without a length at the end. */
struct flexible_elements {
	__u32 count;
	__u8 start[0];
	__u16 kind;
	__u8 end[0];
	struct {} nothing;
	struct element elements[];
};

struct flexible_text {
	__u16 length;
	char text[];
};

/* The kernel's own: they have their place and nobody sees them. */
struct task_struct;
struct owned {
	struct bpf_spin_lock lock;
	__u32 before;
	struct bpf_timer timer;
	struct task_struct __kptr *task;
	__u64 after;
};

/* Names: keywords, the names of everything around them, and each other. */
struct object { int class; int namespace; int string; int object; };
struct value { struct value *value; int gettype; int GetType; int equals; };
typedef struct { int event; int _; int _1st; int checked; } in;
union String { int String; int ToString; };
struct torture { int torture; };
struct maps { int maps; int mapset; };

/* Typedefs of typedefs, with qualifiers on the way. */
typedef const volatile struct element qualified_t;
typedef qualified_t again_t;
typedef again_t many_t[2];
typedef many_t more_t[3];

struct chained {
	again_t one;
	more_t grid;
	const char *const text;
	volatile bool ready;
	_Atomic int atomic;
};

struct everything_rare {
	struct wide_bits wide_bits;
	struct packed_wide_bits packed_wide_bits;
	union bits_in_union bits_in_union;
	struct over_aligned over_aligned;
	struct packed_within packed_within;
	struct deep deep;
	struct arrays arrays;
	struct object object;
	struct value value;
	in in;
	union String string;
	struct torture torture;
	struct maps maps;
	struct chained chained;
	enum middle middle;
	enum middle_signed middle_signed;
	enum large large;
	enum huge huge;
	enum tiny_signed tiny_signed;
	long double long_double;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct everything_rare);
} rare SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, enum huge_signed);
	__type(value, struct owned);
} owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4);
	__type(value, struct over_aligned);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 4);
	__type(value, union bits_in_union);
} stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 4);
	__type(value, __be32);
} bloom SEC(".maps");

struct trie_key { __u32 prefix; __u8 bytes[16]; };
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 4);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct trie_key);
	__type(value, struct flexible_text);
} trie SEC(".maps");

/* Maps in maps: a typed inner one, one of rings, one that is made elsewhere. */
struct counts {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 8);
	__type(key, struct element);
	__type(value, struct { __u64 sum; });
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct counts);
} outer_counts SEC(".maps");

struct ring { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); };
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, struct element);
	__array(values, struct ring);
} outer_rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __be16);
	__type(value, __u32);
} outer_unknown SEC(".maps");

/* Events: of several kinds in a ring, in a perf array by a tag and by its value, and the other way. */
enum event_kind { EVENT_OPEN = 1, EVENT_CLOSE, EVENT_RENAME };
struct opened { __u32 flags; char path[16]; };
struct closed { __u64 bytes; };
struct event {
	enum event_kind kind;
	union {
		struct opened opened HM_KIND(EVENT_OPEN);
		struct opened renamed HM_KIND(EVENT_RENAME);
		struct closed closed HM_KIND(EVENT_CLOSE);
	};
};
HM_RINGBUF(events, struct event, 4096);

union sample {
	__u32 type;
	struct { __u32 type; __u64 address; } fault HM_KIND(0x10);
	struct { __u32 type; __u16 cpu; } tick HM_KIND(17);
};
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} samples SEC(".maps") HM_RECORDS(union sample);
HM_EVENT(union sample);

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, int);
	__type(value, struct closed);
} closes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, int);
	__type(value, int);
} plain_perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct opened);
} commands SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} bytes_in SEC(".maps");

/* Globals in every section. */
__be16 port;
const volatile __be32 network = 1;
const volatile bool enabled = true;
bool switches[3] = { true };
__u64 per_cpu[1] SEC(".bss.per_cpu");
struct element table[2] SEC(".data.table") = { { 1, 2 }, { 3, 4 } };
__u32 before_limits SEC(".rodata.limits") = 9;
__u32 limits[4] SEC(".rodata.limits") = { 1, 2, 3, 4 };
__u8 large_array[2 * 1024 * 1024];
char message[8] SEC(".data.message") = "hi";
struct bpf_spin_lock private_lock SEC(".data.private") __hidden;
struct flexible_elements shaped = {};

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig __weak;
extern enum libbpf_tristate CONFIG_IKCONFIG __kconfig __weak;
extern char CONFIG_DEFAULT_HOSTNAME[16] __kconfig __weak;
extern unsigned long CONFIG_HZ __kconfig __weak;

/* A table of operations, as a kernel could have one. */
struct torture_ops {
	int (*init)(struct forward *);
	void (*release)(struct forward *);
	struct forward *owner;
	__u32 flags;
	enum tiny mode;
	bool nice;
	char name[16];
	struct { __u32 a; } nested;
	__u64 Enabled;
};

SEC("struct_ops/init") int torture_init(void *ctx) { return 0; }
SEC("struct_ops/release") int torture_release(void *ctx) { return 0; }

SEC(".struct_ops.link")
struct torture_ops operations = { .init = (void *)torture_init, .flags = 3, .mode = TINY_B, .name = "torture" };

#define TOUCH(map, key_type) do { key_type key; __builtin_memset(&key, 0, sizeof(key)); if (bpf_map_lookup_elem(&map, &key)) port++; } while (0)

SEC("xdp")
int touch(struct xdp_md *ctx)
{
	struct event *event = hm_reserve_event(events, closed);

	if (event) {
		event->kind = EVENT_CLOSE;
		event->closed.bytes = ctx->data_end - ctx->data;
		bpf_ringbuf_submit(event, 0);
	}

	TOUCH(rare, __u32);
	TOUCH(owners, enum huge_signed);
	TOUCH(trie, struct trie_key);
	TOUCH(outer_counts, __u32);
	TOUCH(outer_rings, struct element);
	TOUCH(outer_unknown, __be16);
	bpf_map_push_elem(&queue, &(struct over_aligned){}, 0);
	bpf_map_push_elem(&stack, &(union bits_in_union){}, 0);
	bpf_map_push_elem(&bloom, &(__be32){ 0 }, 0);
	bpf_perf_event_output(ctx, &samples, BPF_F_CURRENT_CPU, &(union sample){}, sizeof(union sample));
	bpf_perf_event_output(ctx, &closes, BPF_F_CURRENT_CPU, &(struct closed){}, sizeof(struct closed));
	bpf_perf_event_output(ctx, &plain_perf, BPF_F_CURRENT_CPU, &(struct closed){}, sizeof(struct closed));
	per_cpu[0] += LINUX_KERNEL_VERSION + CONFIG_BPF_SYSCALL + CONFIG_IKCONFIG + CONFIG_DEFAULT_HOSTNAME[0] + CONFIG_HZ;
	per_cpu[0] += network + enabled + switches[ctx->rx_queue_index & 1] + table[ctx->rx_queue_index & 1].a + limits[ctx->rx_queue_index & 3];
	per_cpu[0] += large_array[ctx->rx_queue_index & 0xff] + message[0] + shaped.count + before_limits;
	bpf_spin_lock(&private_lock);
	bpf_spin_unlock(&private_lock);
	return XDP_PASS;
}

static long take(struct bpf_dynptr *dynptr, void *context) { return 0; }
SEC("syscall") int drain(void *ctx) { return bpf_user_ringbuf_drain(&commands, take, 0, 0) + bpf_user_ringbuf_drain(&bytes_in, take, 0, 0); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
