// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Every kind of CO-RE relocation in every form, one function each; core-target.bpf.c is the kernel it is relocated against.
// Both were compiled in this folder with clang 19 and stripped of DWARF:
//   clang-19 -O2 -g -target bpf -mcpu=v3 -fdebug-compilation-dir=. -c core.bpf.c -o core.bpf.o && llvm-strip -g core.bpf.o
// core.libbpf.txt holds, for each function, the relocated instructions as libbpf 1.7 left them (bpf_object__prepare with
// btf_custom_path = the .BTF of core-target.bpf.o, then bpf_program__insns).
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;
#define CO __attribute__((preserve_access_index))

struct inner { long b; int a; u8 tail[12]; } CO;
struct moved {
	u32 pid;
	s32 signed_same;
	u32 narrowed;
	u32 widened;
	s32 signed_widened;
	int deep;
	struct inner in[2];
	int matrix[3][5];
	u32 halves[4];
	struct moved *next;
	const char *name;
	int became_array;
	int removed;
	enum e32 { E32_A = 1, E32_B = -1, E32_HIGH = 3, E32_GONE = 4 } kind;
	u32 flexible[];
} CO;
struct moved___old { long pid; float missing; } CO;
struct moved___incompatible { struct inner pid; } CO;
struct bits {
	u32 a : 7;
	u32 b : 20;
	s32 c : 3;
	u64 wide : 33;
	u8 tiny : 2;
	u8 cross : 5;
	u32 was_bitfield : 5;
	u32 is_bitfield;
} CO;
enum e64 { E64_A = 0x1ULL << 40, E64_B = 2 };
enum esigned64 { ES_A = -(1LL << 40) };
enum unsigned_high { HIGH = 0x80000000U, LOW = 1 };
enum flavoured___v2 { FL_TWO___v2 = 1, FL_THREE___v2 = 2 };
enum gone { GONE_A = 5 };
union either { long wide; } CO;
typedef struct { int x; } anonymous_struct;
typedef int (*callback)(struct moved *, int);
typedef u64 alias;
typedef u64 lost_alias;
struct ahead { int known; };
struct points_ahead { struct ahead *p; struct moved *m; int n; };
struct matches { struct inner___m { int a; long b; } in; enum flavoured___m { FL_ONE = 1 } f; callback call; int a; };
struct mismatches { int a; };
struct absent { int x; u64 y : 3; } CO;
struct large { int far; } CO;
struct empty {};

volatile u64 sink;

#define FIELD(name, expression) SEC("socket") int name(void *ctx) { struct moved *p = ctx; struct bits *b = ctx; (void)p; (void)b; sink = (expression); return 0; }

FIELD(load_same, p->pid)
FIELD(load_signed, p->signed_same)
FIELD(load_narrowed, p->narrowed)
FIELD(load_widened, p->widened)
FIELD(load_signed_widened, p->signed_widened)
FIELD(load_deep, p->deep)
FIELD(load_element, p->in[1].a)
FIELD(load_tail, p->in[1].tail[3])
FIELD(load_second_struct, p[1].pid)
FIELD(load_matrix, p->matrix[2][3])
FIELD(load_half, p->halves[2])
FIELD(load_pointer, (u64)p->next)
FIELD(load_through, p->next->next->pid)
FIELD(load_became_array, p->became_array)
FIELD(load_removed, p->removed)
FIELD(load_kind, p->kind)
FIELD(load_flexible, p->flexible[6])
FIELD(byte_offset_far, bpf_core_field_offset(((struct large *)ctx)->far))
FIELD(load_union, ((union either *)ctx)->wide)
FIELD(load_flavour, ((struct moved___old *)ctx)->pid)
FIELD(load_absent, ((struct absent *)ctx)->x)

SEC("socket") int store_same(struct moved *p) { p->pid = 3; return 0; }
SEC("socket") int store_widened(struct moved *p) { p->widened = (u32)sink; return 0; }

FIELD(address_of, (u64)&p->in[1].tail)
FIELD(byte_offset, bpf_core_field_offset(p->matrix))
FIELD(byte_offset_removed, bpf_core_field_offset(p->removed))
FIELD(byte_size, bpf_core_field_size(p->widened))
FIELD(byte_size_array, bpf_core_field_size(p->matrix))
FIELD(byte_size_element, bpf_core_field_size(p->matrix[1]))
FIELD(byte_size_struct, bpf_core_field_size(p->in))
FIELD(byte_size_removed, bpf_core_field_size(p->removed))
FIELD(exists, bpf_core_field_exists(p->pid))
FIELD(exists_removed, bpf_core_field_exists(p->removed))
FIELD(exists_out_of_bounds, bpf_core_field_exists(((struct moved *)ctx)->in[1]))
FIELD(exists_flexible, bpf_core_field_exists(p->flexible[100]))
FIELD(exists_incompatible, bpf_core_field_exists(((struct moved___incompatible *)ctx)->pid))
FIELD(exists_flavour_missing, bpf_core_field_exists(((struct moved___old *)ctx)->missing))
FIELD(exists_absent, bpf_core_field_exists(((struct absent *)ctx)->x))
FIELD(signed_yes, __builtin_preserve_field_info(p->signed_widened, BPF_FIELD_SIGNED))
FIELD(signed_no, __builtin_preserve_field_info(p->pid, BPF_FIELD_SIGNED))
FIELD(signed_enum, __builtin_preserve_field_info(p->kind, BPF_FIELD_SIGNED))
FIELD(signed_bits, __builtin_preserve_field_info(b->c, BPF_FIELD_SIGNED))
FIELD(lshift_whole, __builtin_preserve_field_info(p->narrowed, BPF_FIELD_LSHIFT_U64))
FIELD(rshift_whole, __builtin_preserve_field_info(p->narrowed, BPF_FIELD_RSHIFT_U64))

FIELD(bits_a, BPF_CORE_READ_BITFIELD(b, a))
FIELD(bits_b, BPF_CORE_READ_BITFIELD(b, b))
FIELD(bits_c, BPF_CORE_READ_BITFIELD(b, c))
FIELD(bits_wide, BPF_CORE_READ_BITFIELD(b, wide))
FIELD(bits_tiny, BPF_CORE_READ_BITFIELD(b, tiny))
FIELD(bits_cross, BPF_CORE_READ_BITFIELD(b, cross))
FIELD(bits_was, BPF_CORE_READ_BITFIELD(b, was_bitfield))
FIELD(bits_is, BPF_CORE_READ_BITFIELD(b, is_bitfield))
FIELD(bits_probed, BPF_CORE_READ_BITFIELD_PROBED(b, c))
FIELD(bits_absent, BPF_CORE_READ_BITFIELD((struct absent *)ctx, y))
FIELD(probe_read, BPF_CORE_READ(p, next, next, in[1].b))

FIELD(type_id_local, bpf_core_type_id_local(struct moved))
FIELD(type_id_local_int, bpf_core_type_id_local(int))
FIELD(type_id_target, bpf_core_type_id_kernel(struct moved))
FIELD(type_id_target_absent, bpf_core_type_id_kernel(struct absent))
FIELD(type_exists, bpf_core_type_exists(struct bits))
FIELD(type_exists_absent, bpf_core_type_exists(struct absent))
FIELD(type_exists_typedef, bpf_core_type_exists(callback))
FIELD(type_exists_alias, bpf_core_type_exists(alias))
FIELD(type_exists_lost_alias, bpf_core_type_exists(lost_alias))
FIELD(type_exists_anonymous, bpf_core_type_exists(anonymous_struct))
FIELD(type_exists_enum, bpf_core_type_exists(enum e64))
FIELD(type_size, bpf_core_type_size(struct moved))
FIELD(type_size_typedef, bpf_core_type_size(anonymous_struct))
FIELD(type_size_empty, bpf_core_type_size(struct empty))
FIELD(type_size_absent, bpf_core_type_size(struct absent))
FIELD(type_matches, bpf_core_type_matches(struct matches))
FIELD(type_matches_not, bpf_core_type_matches(struct mismatches))
FIELD(type_matches_ahead, bpf_core_type_matches(struct points_ahead))
FIELD(type_matches_absent, bpf_core_type_matches(struct absent))
FIELD(type_matches_typedef, bpf_core_type_matches(callback))

FIELD(enum_value, bpf_core_enum_value(enum e32, E32_A))
FIELD(enum_value_negative, bpf_core_enum_value(enum e32, E32_B))
FIELD(enum_value_gone, bpf_core_enum_value(enum e32, E32_GONE))
FIELD(enum_exists, bpf_core_enum_value_exists(enum e32, E32_HIGH))
FIELD(enum_exists_gone, bpf_core_enum_value_exists(enum e32, E32_GONE))
FIELD(enum_value64, bpf_core_enum_value(enum e64, E64_A))
FIELD(enum_value64_small, bpf_core_enum_value(enum e64, E64_B))
FIELD(enum_value64_signed, bpf_core_enum_value(enum esigned64, ES_A))
FIELD(enum_value_low, bpf_core_enum_value(enum unsigned_high, LOW))
FIELD(enum_value_flavour, bpf_core_enum_value(enum flavoured___v2, FL_TWO___v2))
FIELD(enum_exists_flavour_gone, bpf_core_enum_value_exists(enum flavoured___v2, FL_THREE___v2))
FIELD(enum_value_absent, bpf_core_enum_value(enum gone, GONE_A))
#ifdef UNSIGNED_HIGH
FIELD(enum_value_high, bpf_core_enum_value(enum unsigned_high, HIGH))
#endif

char LICENSE[] SEC("license") = "Dual BSD/GPL";
